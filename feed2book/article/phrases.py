"""What blogs' tools write in so many words at the ends of posts, in the languages that most blogs are in.

A block goes only if it says nothing else: every pattern is meant for ``fullmatch``. What links, classes or
repetition tell is left to them, in any language; words are for what nothing else tells.
"""

from __future__ import annotations

import re


def _pattern(text: str) -> re.Pattern[str]:
    """Return one of several lines as a pattern: alternatives, case and line ends set aside."""
    return re.compile(f"(?:{'|'.join(text.split(chr(10)))})", re.IGNORECASE | re.DOTALL)


#: The line that SEO plugins, Medium and WordPress' old themes write under every post of a feed.
FOOTER = _pattern(
    r"""the post .{1,300} (?:appeared first|first appeared) on .{1,200}
(?:der beitrag|dieser beitrag) .{1,300} erschien zuerst auf .{1,200}
(?:l.article|cet article) .{1,300} est apparu en premier sur .{1,200}
la entrada .{1,300} (?:aparece primero|se publicó primero) en .{1,200}
o post .{1,300} (?:apareceu primeiro em|aparece primeiro em) .{1,200}
l.articolo .{1,300} (?:proviene da|sembra essere il primo su) .{1,200}
het bericht .{1,300} verscheen eerst op .{1,200}
(?:artykuł|wpis) .{1,300} pochodzi z serwisu .{1,200}
сообщение .{1,300} появились? сначала на .{1,200}
投稿 .{1,300} は .{1,200} に最初に表示されました。?
.{1,300} 最先出现在 ?.{1,200}
.{1,300} was originally published in .{1,200} on medium, where people are continuing the .{1,80}
this entry (?:was posted|is filed) .{1,300} you can follow any (?:responses|comments) to .{1,250}"""
)

#: A link to the post as a whole, called its source.
SOURCE = _pattern(
    r"""(?:source|originally (?:published|posted) (?:at|on|in)|via|quelle|fuente|fonte|bron|источник"""
    r"""|来源|出典) ?[:：]? .{1,150}"""
)

MORE = re.compile(
    r"[\[(…. ]*(?:continue reading|read (?:more|on|the (?:rest|full)|full)|keep reading|more|view original"
    r"|weiterlesen|mehr lesen|lire la suite|en savoir plus|leer más|seguir leyendo|continuar leyendo"
    r"|leia mais|continue lendo|continua a leggere|leggi tutto|lees verder|meer lezen|czytaj (?:dalej|więcej)"
    r"|читать (?:далее|дальше|полностью)|続きを読む|もっと読む|阅读(?:全文|更多)|继续阅读)"
    r"(?P<what> .{1,150}?)??[\]).… →»›>]*",
    re.IGNORECASE,
)

_COMMENT = (
    r"(?:(?:no|\d{1,5}) (?:comments?|replies|responses?)|comments? ?(?:\(\d{1,5}\))?"
    r"|(?:leave|add|post|write) a (?:comment|reply)|(?:read|view|see) (?:the |all )?comments?"
    r"|(?:reply|comment) (?:to this post )?(?:by|via) e-?mail|discuss(?: this(?: post)?)?|join the discussion"
    r"|\d{1,5} kommentare?|kommentare?(?: \(\d{1,5}\))?|(?:einen )?kommentar (?:schreiben|hinterlassen)"
    r"|\d{1,5} commentaires?|laisser un commentaire|\d{1,5} comentarios?|(?:deja|dejar) un comentario"
    r"|\d{1,5} comentários?|deixe um comentário|\d{1,5} comment[oi]|lascia un commento"
    r"|(?:\d{1,5} )?reacties?|(?:laat een reactie achter|reageer)|(?:\d{1,5} )?комментари(?:й|я|ев|и)"
    r"|(?:оставить|добавить) комментарий|コメント(?:を残す|する)?(?: ?\(\d{1,5}\))?"
    r"|(?:发表|查看|\d{1,5} ?条)评论)"
)
COMMENTS = re.compile(
    rf"[\[(| ]*{_COMMENT}(?:[ |·•/,–-]+{_COMMENT}){{0,2}}(?: (?:on|at|in) .{{1,80}}?)?[\])|.→» ]*",
    re.IGNORECASE,
)
#: The same, where nothing but these words is there, not even a link.
COUNTERS = _pattern(
    r"""\d{1,5} posts? - \d{1,5} participants?
(?:(?:no|\d{1,5}) )?comments?
(?:comments )?powered by (?:disqus|yarpp)\.?"""
)

FILED = re.compile(
    r"(?:filed (?:under|in)|posted (?:in|under)|tagged(?: with| as)?|tags|categor(?:y|ies)|kategorien?"
    r"|schlagw[oö]rte?r?|veröffentlicht (?:in|unter)|abgelegt unter|classé dans|catégories?|étiquettes"
    r"|publicado en|categorías?|etiquetas|publicado em|categorias?|archiviato in|geplaatst in|рубрик[аи]"
    r"|метки|カテゴリー|タグ|分类|标签)(?!\w).*",
    re.IGNORECASE,
)

READING_TIME = re.compile(
    r"[(⏱⌛🕒📖 ]*(?:(?:estimated )?(?:reading|read) time|lesezeit|(?:temps|durée) de lecture"
    r"|tiempo de lectura|tempo (?:di lettura|de leitura)|leestijd|время чтения|czas czytania)"
    r"[:： ]*(?:about |ca\. |env\. |<|~|≈)? ?\d{1,3} ?(?:[^\W\d]{1,10}\.?)?[) ]*"
    r"|[(⏱⌛🕒📖 ]*(?:about )?\d{1,3}[ -]?min(?:ute)?s?[ -](?:read|to read|reading time|de lecture|de lectura"
    r"|di lettura|de leitura|lesezeit|leestijd)[.) ]*",
    re.IGNORECASE,
)

#: What stands over links to other posts.
RELATED = re.compile(
    r"[\W_]*(?:(?:related|similar|recommended|more|other|recent|popular) (?:posts?|articles?|stories|entries)"
    r"|related reading|you (?:may|might) (?:also )?(?:like|enjoy|be interested in)"
    r"|(?:what to )?read (?:next|also)|also read|see also|more from (?:this blog|.{1,40})"
    r"|(?:ähnliche|verwandte|weitere) (?:beiträge|artikel)|das könnte (?:dich|sie) auch interessieren"
    r"|articles? (?:similaires?|liés?|connexes?)|(?:à )?lire aussi|te puede interesar"
    r"|(?:entradas|artículos|publicaciones) relacionad[oa]s|(?:posts|artigos) relacionados|leia também"
    r"|(?:articoli|post) correlati|leggi anche|gerelateerde (?:berichten|artikelen)|lees ook"
    r"|(?:похожие|связанные) (?:записи|статьи|посты)|читайте также"
    r"|関連(?:記事|投稿)|相关(?:文章|阅读)|延伸阅读)[\W_]*",
    re.IGNORECASE,
)

#: What a newsletter's tool says under each post, to the letter.
SUBSCRIBE = _pattern(
    r"""(?:thanks|thank you) for reading .{0,80}[!.] ?subscribe (?:for free|now)?.{0,80}
(?:thanks|thank you) for reading.{0,80}[!.] ?this post is public .{1,60}
.{1,80} is a reader-supported publication\. to receive new posts and support my work, .{1,80}"""
)
#: The same as a link.
SUBSCRIBE_LINK = re.compile(
    r"(?:please )?(?:subscribe|sign up)\b.{0,60}\b(?:newsletter|mailing list|e-?mail|updates|rss|feed|blog"
    r"|channel)\W*",
    re.IGNORECASE,
)
#: Where one is asked for money.
SUPPORT_HREF = re.compile(
    r"https?://(?:www\.)?(?:patreon\.com/|ko-fi\.com/|buymeacoffee\.com/|liberapay\.com/|paypal\.me/"
    r"|paypal\.com/(?:donate|cgi-bin/webscr|paypalme)|github\.com/sponsors/|opencollective\.com/"
    r"|flattr\.com/|steadyhq\.com/|tipeee\.com/|donorbox\.org/)",
    re.IGNORECASE,
)
#: Addresses under which blogs file their posts.
FILING_HREF = re.compile(
    r"/(?:tags?|categor(?:y|ies)|topics?|label|labels|kategorien?|tagged)/[^/]+", re.IGNORECASE
)
