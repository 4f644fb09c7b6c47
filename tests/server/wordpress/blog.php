<?php
// `php blog.php install` sets up the blog with its posts; `php blog.php export` prints its export (WXR).
require __DIR__ . '/config.php';
$_SERVER += ['HTTP_HOST' => parse_url(BLOG, PHP_URL_HOST), 'REQUEST_URI' => '/', 'REQUEST_METHOD' => 'GET',
    'SERVER_PROTOCOL' => 'HTTP/1.1'];
if ($argv[1] === 'install') {
    define('WP_INSTALLING', true);
    (new mysqli(null, DB_USER, DB_PASSWORD, null, 0, getenv('WORDPRESS_SOCKET')))
        ->query('CREATE DATABASE blog CHARACTER SET utf8mb4');
}
require ABSPATH . 'wp-settings.php';
require ABSPATH . 'wp-admin/includes/admin.php';

if ($argv[1] === 'export') {
    require ABSPATH . 'wp-admin/includes/export.php';
    export_wp();
    exit;
}

require ABSPATH . 'wp-admin/includes/upgrade.php';
add_filter('pre_wp_mail', '__return_true');
wp_install('Notes from the Rain Gauge', 'gauge', 'gauge@rain.example', true, '', 'drizzle');
wp_delete_post(1, true); // "Hello world!"
update_option('permalink_structure', '/%year%/%monthnum%/%postname%/');
$GLOBALS['wp_rewrite']->init();
flush_rewrite_rules(false);

$authors = [];
foreach (['vane' => 'The Weather Vane', 'barrel' => 'The Rain Barrel'] as $login => $name) {
    $authors[] = wp_insert_user(['user_login' => $login, 'user_pass' => $login, 'display_name' => $name, 'role' => 'author']);
}
$clouds = wp_insert_term('Clouds & fog', 'category')['term_id'];
$frost = wp_insert_term('Frost', 'category')['term_id'];
mkdir(WP_CONTENT_DIR . '/uploads');
$pictures = [];
foreach (['hill', 'gate', 'pond'] as $number => $name) {
    $picture = imagecreatetruecolor(320, 200);
    imagefill($picture, 0, 0, imagecolorallocate($picture, 60 * $number, 120, 200));
    imagepng($picture, WP_CONTENT_DIR . "/uploads/$name.png");
    $pictures[] = wp_insert_attachment(
        ['post_title' => $name, 'post_mime_type' => 'image/png', 'guid' => BLOG . "/wp-content/uploads/$name.png"],
        "$name.png",
    );
}

for ($number = 1; $number <= (int) getenv('WORDPRESS_POSTS'); $number++) {
    $picture = $pictures[$number % 3];
    $image = sprintf('<img class="size-full wp-image-%d" src="%s" alt="View %d" width="320" height="200" />',
        $picture, wp_get_attachment_url($picture), $number);
    $before = $number > 1 ? sprintf('<a href="%s">the day before</a>', get_permalink($post)) : 'nothing yet';
    $text = <<<TEXT
    Day {$number} of the gauge & its keeper.
    Nothing was measured twice; see $before.

    <h2>Morning</h2>
    The height is <img src="https://s0.wp.com/latex.php?latex=h_{$number}&bg=ffffff" alt="h_{$number}" class="latex" /> today.
    <h3>Dew</h3>
    Some.
    <h4>On the webs</h4>
    More.
    <h2>Evening</h2>
    [caption id="attachment_{$picture}" align="aligncenter" width="320"]$image The view of day {$number}[/caption]

    <ul>
    	<li>wind: none</li>
    	<li>rain: {$number} mm</li>
    </ul>
    TEXT;
    $date = gmdate('Y-m-d H:i:s', gmmktime(7, 30, 0, 1, 1, 2025) + $number * 86400);
    $post = wp_insert_post(wp_slash([
        'post_title' => "Day $number: dew & “rain”", 'post_name' => "day-$number", 'post_content' => $text,
        'post_status' => 'publish', 'post_author' => $authors[$number % 2],
        'post_date' => $date, 'post_date_gmt' => $date,
        'post_category' => $number % 2 ? [$clouds] : [$clouds, $frost], 'tags_input' => ['rain', "month " . gmdate("n", strtotime($date))],
    ]), true);
    if (is_wp_error($post)) {
        exit($post->get_error_message());
    }
}
wp_insert_post(['post_title' => 'Not done', 'post_content' => 'A draft.', 'post_status' => 'draft']);
wp_insert_post(['post_title' => 'For us alone', 'post_content' => 'Private.', 'post_status' => 'private']);
wp_insert_post(['post_title' => 'About', 'post_content' => 'A page.', 'post_status' => 'publish', 'post_type' => 'page']);
