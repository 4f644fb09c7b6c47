<?php
// For `php -S 127.0.0.1:PORT router.php`: files of the blog as they are, everything else through WordPress.
$path = urldecode(parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH));
$file = realpath(getenv('WORDPRESS_CONTENT') . '/uploads/' . basename($path));
if (strpos($path, '/wp-content/uploads/') === 0 && $file !== false) {
    header('Content-Type: ' . mime_content_type($file));
    readfile($file);
    return;
}
$_SERVER['SCRIPT_NAME'] = $_SERVER['PHP_SELF'] = '/index.php';
require __DIR__ . '/config.php';
define('WP_USE_THEMES', true);
require ABSPATH . 'wp-settings.php';
wp();
require ABSPATH . WPINC . '/template-loader.php';
