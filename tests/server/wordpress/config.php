<?php
// The configuration of the blog, from the environment; read by the web server (router.php) and by blog.php.
define('ABSPATH', '/usr/share/wordpress/');
define('BLOG', PHP_SAPI === 'cli-server' ? "http://{$_SERVER['HTTP_HOST']}" : getenv('WORDPRESS_URL'));
define('WP_HOME', BLOG);
define('WP_SITEURL', BLOG);
define('WP_CONTENT_DIR', getenv('WORDPRESS_CONTENT'));
define('WP_CONTENT_URL', BLOG . '/wp-content');
define('DB_HOST', 'localhost:' . getenv('WORDPRESS_SOCKET'));
define('DB_NAME', 'blog');
define('DB_USER', 'root');
define('DB_PASSWORD', '');
define('DB_CHARSET', 'utf8mb4');
define('DISABLE_WP_CRON', true);
define('WP_HTTP_BLOCK_EXTERNAL', true);
define('AUTOMATIC_UPDATER_DISABLED', true);
define('WP_DEFAULT_THEME', 'twentytwentythree');
$table_prefix = 'wp_';
