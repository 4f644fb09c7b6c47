"""``feed2book.toml`` → editions, and what is said of files that are wrong."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from lxml import etree

from feed2book.config import find, load, processors
from feed2book.errors import ConfigError, UsageError
from feed2book.models import (
    Access,
    BookOptions,
    Config,
    Delivery,
    Edition,
    FetchOptions,
    Filter,
    MailOptions,
    Reach,
    Recipient,
    Recipients,
    RenderOptions,
    Secret,
    SmtpServer,
    Source,
)

ENVIRON = {"FEED2BOOK_CACHE": "/cache", "FEED2BOOK_DATA": "/data", "NETRC": "/netrc"}
SOURCE = '[[edition.weekly.source]]\naddress = "https://example.org/feed"\n'
SERVER = '[server.post]\nhost = "smtp.example.org"\n'
SENDER = '[mail]\nsender = "Me <me@example.org>"\n'
LETTER = (
    SENDER + SERVER + SOURCE + '[[edition.weekly.deliver]]\nkind = "email"\nrecipients = ["a@example.org"]\n'
)
FOLDER = SOURCE + '[[edition.weekly.deliver]]\nkind = "folder"\npath = "books"\n'
CATALOGUE = FOLDER.replace("folder", "catalogue")


def read(text: str, folder: Path) -> Config:
    path = folder / "feed2book.toml"
    path.write_text(text, encoding="utf-8")
    return load(path, ENVIRON)


def test_one_source_is_an_edition(tmp_path: Path) -> None:
    config = read(SOURCE, tmp_path)
    (edition,) = config.editions
    assert (config.path, config.data) == (tmp_path / "feed2book.toml", Path("/data"))
    assert (edition.name, edition.sources) == ("weekly", (Source("https://example.org/feed"),))
    assert (edition.outputs, edition.book.order, edition.period) == (("epub",), "oldest", timedelta(days=7))


def test_a_letter_gets_its_output_its_order_and_its_only_server(tmp_path: Path) -> None:
    (edition,) = read(LETTER, tmp_path).editions
    (delivery,) = edition.deliveries
    assert (edition.outputs, edition.book.order) == (("email",), "newest")
    assert (delivery.name, delivery.outputs) == ("email", ("email",))
    assert delivery.server is not None
    assert (delivery.server.host, delivery.server.port) == ("smtp.example.org", 465)
    assert delivery.recipients.listed == (Recipient("a@example.org"),)


def test_what_a_file_does_not_say_is_what_the_library_does_by_itself(tmp_path: Path) -> None:
    (edition,) = read(LETTER, tmp_path).editions
    server, to = SmtpServer("smtp.example.org"), Recipients((Recipient("a@example.org"),))
    assert edition == Edition(
        "weekly",
        (Source("https://example.org/feed"),),
        FetchOptions(cache_dir=Path("/cache"), netrc=Path("/netrc")),
        BookOptions(order="newest"),
        RenderOptions(),
        outputs=("email",),
        deliveries=(Delivery("email", "email", server, to, outputs=("email",)),),
        mail=MailOptions("Me <me@example.org>"),
        jobs=processors(),
    )


def test_a_source_with_all_its_keys(tmp_path: Path) -> None:
    more = (
        'name = "One"\ngroup = "Friends"\nlimit = 3\norder = "oldest"\n'
        'user = "me"\npassword = { file = "pw" }\n'
        'cookies = "c.txt"\nproxy = { env = "PROXY" }\n'
        'headers = { Referer = "https://a.example/", X-Api-Key = { env = "KEY" } }\n'
        'include = { title = "rain", tag = ["a", "b"] }\nexclude = { text = "advert" }\n'
    )
    (edition,) = read(SOURCE + more, tmp_path).editions
    (source,) = edition.sources
    assert (source.name, source.group, source.limit, source.order) == ("One", "Friends", 3, "oldest")
    assert (source.include, source.exclude) == (
        Filter(title=("rain",), tag=("a", "b")),
        Filter(text=("advert",)),
    )
    assert source.access == Access(
        "me",
        Secret("file", (str(tmp_path / "pw"),)),
        cookies=Secret("file", (str(tmp_path / "c.txt"),)),
        headers=(("Referer", "https://a.example/"), ("X-Api-Key", Secret("env", ("KEY",)))),
        proxy=Secret("env", ("PROXY",)),
    )


def test_how_much_is_read_is_the_editions_word_unless_a_source_has_its_own(tmp_path: Path) -> None:
    edition = '[edition.weekly]\narchive = "auto"\nfull-text = "never"\n'
    others = SOURCE.replace("/feed", "/b") + 'archive = "none"\n' + SOURCE.replace("/feed", "/c")
    more = 'archive = "blogger"\n' + SOURCE.replace("/feed", "/d") + 'full-text = "always"\n'
    (found,) = read(edition + SOURCE + others + more, tmp_path).editions
    assert found.reach == Reach("auto", "never")
    assert [source.reach for source in found.sources] == [
        None, Reach("", "never"), Reach("blogger", "never"), Reach("auto", "always"),
    ]  # fmt: skip


def test_rules_for_sites_are_told_in_css_and_kept_as_xpath(tmp_path: Path) -> None:
    text = 'site-rules = "rules"\n[site."tide.example"]\nbody = "div.entry"\nstrip = ["aside", "#ad"]\n'
    (tmp_path / "rules").mkdir()
    (edition,) = read(text + SOURCE, tmp_path).editions
    assert edition.sites.folder == tmp_path / "rules"
    (rule,) = edition.sites.rules.values()
    page = etree.fromstring('<a><aside/><div class="top entry"/><p id="ad"/></a>')
    assert [page.xpath(f"name({path})") for path in (*rule.body, *rule.strip)] == ["div", "aside", "p"]


def test_an_edition_takes_the_place_of_single_keys_of_mail(tmp_path: Path) -> None:
    more = '[edition.weekly.mail]\nposts = "title"\n[mail]\nsender = "me@example.org"\nposts = "full"\n'
    (edition,) = read(SOURCE + more, tmp_path).editions
    assert (edition.mail.sender, edition.mail.posts) == ("me@example.org", "title")


@pytest.mark.parametrize(
    ("value", "recipient"),
    [
        ("a@example.org", Recipient("a@example.org")),
        ('"B, Ann" <ann@example.org>', Recipient("ann@example.org", "B, Ann")),
        ("Jürgen <j@bücher.example>", Recipient("j@xn--bcher-kva.example", "Jürgen")),
    ],
)
def test_recipients_with_and_without_names(value: str, recipient: Recipient, tmp_path: Path) -> None:
    (edition,) = read(LETTER.replace('"a@example.org"', f"'{value}'"), tmp_path).editions
    assert edition.deliveries[0].recipients.listed == (recipient,)


def test_paths_count_from_the_file(tmp_path: Path) -> None:
    (tmp_path / "feed.xml").touch()
    (edition,) = read(FOLDER.replace("https://example.org/feed", "feed.xml"), tmp_path).editions
    assert edition.deliveries[0].path == tmp_path / "books"
    assert edition.sources[0].address == str(tmp_path / "feed.xml")


def test_what_was_delivered_is_remembered_where_the_variable_says_then_the_file(tmp_path: Path) -> None:
    place = tmp_path / "feed2book.toml"
    place.write_text('data = "state"\n' + SOURCE, encoding="utf-8")
    assert load(place, {}).data == tmp_path / "state"
    assert load(place, {"FEED2BOOK_DATA": "/data"}).data == Path("/data")


@pytest.mark.parametrize(
    ("deliveries", "outputs", "taken"),
    [
        ([], ("epub",), []),
        (["kindle"], ("epub",), [("epub",)]),
        (["eml"], ("email",), [("email",)]),
        (["folder"], ("epub",), [("epub",)]),
        (["folder", "eml"], ("epub", "email"), [("epub",), ("email",)]),
        (["folder", "folder pdf"], ("epub", "pdf"), [("epub", "pdf"), ("pdf",)]),
        (["folder email pdf"], ("pdf", "email"), [("email", "pdf")]),
    ],
)
def test_an_edition_makes_what_its_deliveries_need(
    deliveries: list[str], outputs: tuple[str, ...], taken: list[tuple[str, ...]], tmp_path: Path
) -> None:
    text = SENDER + SERVER + SOURCE
    for number, (kind, *named) in enumerate(map(str.split, deliveries)):
        where = 'recipients = ["a@example.org"]' if kind == "kindle" else f'path = "{number}"'
        text += f'[[edition.weekly.deliver]]\nname = "{number}"\nkind = "{kind}"\n{where}\n'
        text += f"outputs = {named}\n" if named else ""
    (edition,) = read(text, tmp_path).editions
    assert edition.outputs == outputs
    assert [delivery.outputs for delivery in edition.deliveries] == taken


# Each wrong file with the key, and a part of the fix, that the message must name.
WRONG = [
    ("[edition", "feed2book.toml: this is not TOML", "toml.io"),
    ("", "edition: it is missing", "add [edition.NAME]"),
    ("data = 3\n" + SOURCE, "1: data: this is a whole number", "write text in quotes"),
    ("edition = 3", "edition: this is a whole number", "write a table"),
    ("[edition.weekly]", "edition.weekly.source: it is missing", "add [[edition.weekly.source]]"),
    ("[edition]", "1: edition: it is empty", "fill it"),
    ("[edition.weekly]\nsource = []", "2: edition.weekly.source: it is empty", "fill it"),
    (SOURCE + SOURCE.replace("weekly", "Weekly"), "edition.Weekly: another one", "name it otherwise"),
    (SOURCE.replace("https://example.org/feed", ""), "source[1].address: it is empty", "fill it"),
    ('[edition."a/b"]\n[[edition."a/b".source]]\naddress = "x.example"', "edition.a/b", "use letters"),
    ("dat = 1\n" + SOURCE, "1: dat: there is no such key", "did you mean data?"),
    (SOURCE + "limt = 3", "3: edition.weekly.source[1].limt", "did you mean limit?"),
    (SOURCE + 'limit = "3"', "source[1].limit: this is text in quotes", "write a whole number"),
    (SOURCE + "limit = 0", "source[1].limit", "a whole number >= 1"),
    (SOURCE + 'order = "new"', "source[1].order: 'new'", "did you mean newest?"),
    (SOURCE.replace("address", "url"), "source[1].address: it is missing", 'add address = "…"'),
    (SOURCE.replace("https://example.org/feed", "-"), "source[1].address", "name a file"),
    (SOURCE.replace("https:", "htps:"), "address: nothing is fetched by htps:", "did you mean https?"),
    (SOURCE.replace("https://", "https://me:s3cret@"), "source[1].address: a login does not", "add user ="),
    (SOURCE.replace("https://", "feed:https://me@"), "source[1].address: a login does not", "add user ="),
    (SOURCE + SOURCE, "4: edition.weekly.source[2].address: another source", "remove one"),
    (SOURCE + "include = { titel = 'x' }", "source[1].include.titel", "did you mean title?"),
    (SOURCE + "include = { title = '(' }", "source[1].include.title: '(' is not", "backslash"),
    (SOURCE + "exclude = {}", "source[1].exclude: it has no rule", "title = "),
    (SOURCE + 'token = "s3cret"', "source[1].token: a secret", '{ env = "NAME" }'),
    (SOURCE + "token = { env = 'A', file = 'b' }", "token: a secret has one place", "keep one of env"),
    (SOURCE + "token = { env = 'A' }\nuser = 'me'", "source[1].token: a source has", "remove one"),
    (SOURCE + "user = 'me'", "source[1].password: it is missing", "go together"),
    (SOURCE + "headers = { 'X Key' = 'a' }", "source[1].headers.X Key: this is not the name", "User-Agent"),
    (SOURCE + "headers = { Host = 'a' }", "source[1].headers.Host: feed2book sets", "leave it out"),
    (SOURCE + "headers = { X-Key = 3 }", "source[1].headers.X-Key: this is a whole number", "in quotes"),
    (SOURCE + "headers = { X-Key = { envv = 'A' } }", "headers.X-Key.envv: there is no", "did you mean env?"),
    (SOURCE + "headers = { X-Key = {} }", "source[1].headers.X-Key: a secret has one place", "keep one of"),
    (SOURCE + "headers = { cookie = 'a=s3cret' }", "source[1].headers.cookie: a secret does not", "{ env ="),
    (SOURCE + "proxy = 'http://me:s3cret@a:1'", "source[1].proxy: a secret does not stand", "{ env ="),
    (SOURCE + "proxy = { env = 'A', file = 'b' }", "source[1].proxy: a secret has one place", "keep one of"),
    (SOURCE + "password = { keyring = ['a'] }\nuser = 'b'", "source[1].password.keyring", "length >= 2"),
    ('[edition.weekly]\nlanguage = "english"\n' + SOURCE, "2: edition.weekly.language", "use a tag such as"),
    ('[edition.weekly]\ndevice = "kindel"\n' + SOURCE, "edition.weekly.device: 'kindel'", "kindle"),
    ('[edition.weekly]\npage = "a44"\n' + SOURCE, "edition.weekly.page: unknown page 'a44'", "120x180mm"),
    ('[edition.weekly]\nlayout = "newspapr"\n' + SOURCE, "edition.weekly.layout", "did you mean newspaper?"),
    ('[edition.weekly]\noutputs = ["mobi"]\n' + SOURCE, "weekly.outputs[1]: 'mobi'", "use one of email"),
    ('[edition.weekly]\nperiod = "a week"\n' + SOURCE, "edition.weekly.period", "write it as 7d"),
    ('[edition.weekly]\nschedule = "monday 7"\n' + SOURCE, "edition.weekly.schedule", "'mon 07:00'"),
    ('[edition.weekly]\nschedule = "mon 25:00"\n' + SOURCE, "edition.weekly.schedule", "'mon 07:00'"),
    ('[edition.weekly]\nschedule = "monthly 31 07:00"\n' + SOURCE, "edition.weekly.schedule", "from 1 to 28"),
    ('[edition.weekly]\ntwo_sided = true\n' + SOURCE, "edition.weekly.two_sided", "did you mean two-sided?"),
    ("[edition.weekly]\ntoc-depth = 9\n" + SOURCE, "edition.weekly.toc-depth", "a whole number <= 5"),
    ('[edition.weekly]\ncss = "gone.css"\n' + SOURCE, "edition.weekly.css: the style sheet", "gone.css"),
    ('[edition.weekly]\ntemplates = "gone"\n' + SOURCE, "edition.weekly.templates", "make it"),
    ("[edition.weekly]\ncover = 1\n" + SOURCE, "edition.weekly.cover", "write true or false"),
    (FOLDER.replace("folder", "foldr"), "deliver[1].kind: 'foldr'", "did you mean folder?"),
    (FOLDER.replace('path = "books"', ""), "deliver[1].path: it is missing", 'add path = "…"'),
    (FOLDER + 'recipients = ["a@example.org"]', "deliver[1].recipients: a delivery of the kind", "remove it"),
    (FOLDER + 'outputs = ["pdf"]\n[edition.weekly]\noutputs = ["epub"]', "deliver[1]", 'add "pdf" to'),
    (FOLDER + FOLDER.replace(SOURCE, ""), "deliver[2].name: another delivery", "a name of its own"),
    (FOLDER + FOLDER.replace(SOURCE, ""), "deliver[2].path: another delivery", "a place of its own"),
    (CATALOGUE + CATALOGUE.replace("weekly", "daily"), "daily.deliver[1].path: the cat", "place of its own"),
    (LETTER + 'server = "pots"', "deliver[1].server: there is no server 'pots'", "did you mean post?"),
    (LETTER.replace(SERVER, ""), "deliver[1].server: no server is described", "add [server.NAME]"),
    (LETTER + SERVER.replace("post", "two"), "deliver[1].server: it is missing", "use one of post, two"),
    (LETTER.replace("a@example.org", "a at example"), "recipients[1]: 'a at example'", "write it as name@"),
    (LETTER.replace('["a@', '["a@example.org", "A@'), "deliver[1].recipients[2]", "remove one"),
    (LETTER.replace(SENDER, ""), "mail.sender: it is missing", "to [mail]"),
    (LETTER.replace("Me <me@example.org>", "Me"), "2: mail.sender: 'Me'", "write it as name@"),
    (LETTER.replace(SENDER, SENDER + 'list-id = "My list"\n'), "3: mail.list-id", "weekly.example.org"),
    (LETTER.replace(SENDER, SENDER + 'attach = ["pdf"]\n') + '[edition.weekly]\noutputs = ["email"]',
     "mail.attach: the edition makes no pdf", 'add "pdf" to its outputs'),
    (LETTER.replace(SENDER, SENDER + 'unsubscribe-url = "http://x.example"\n'), "mail.unsubscribe-url", "https://"),
    (LETTER.replace(SENDER, SENDER + 'unsubscribe-url = "https://x.example/{tokn}"\n'), "{tokn}", "token?"),
    (LETTER.replace(SERVER, SERVER + 'user = "me"\n'), "server.post.password: it is missing", "together"),
    (LETTER.replace(SERVER, SERVER + "port = 99999\n"), "server.post.port", "a whole number <= 65535"),
    (LETTER.replace(SERVER, SERVER + 'password = "s3cret"\n'), "server.post.password: a secret", "{ env ="),
    (LETTER.replace(SERVER, SERVER + 'security = "none"\nuser = "me"\npassword = { env = "A" }\n'),
     "server.post.security: the password would go", '"starttls"'),
    ('site-rules = "gone"\n' + SOURCE, "site-rules: there is no folder", "make it"),
    (SOURCE + '[site."a.example"]\nnext-page = "a..b"\n', "a.example.next-page: 'a..b' is not a CSS", "got"),
    (SOURCE + '[site."http://a.example"]\nbody = "p"\n', "this is no host", 'as "example.org"'),
]  # fmt: skip


@pytest.mark.parametrize(("text", "key", "fix"), WRONG)
def test_a_wrong_file_is_told_with_its_key_and_the_fix(text: str, key: str, fix: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        read(text, tmp_path)
    causes = caught.value.causes if isinstance(caught.value, ConfigError) else (caught.value,)
    said = [str(cause) for cause in causes]
    assert any(key in line and fix in line for line in said), said
    assert "s3cret" not in "".join(said)


def test_all_errors_are_told_in_the_order_of_their_lines(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        read("x = 1\n" + LETTER + "outputs = ['epub']\n[edition.weekly]\nperiod = 'soon'\n", tmp_path)
    places = [cause.where.removeprefix(str(tmp_path)) for cause in caught.value.causes]
    assert places == [
        "/feed2book.toml:1: x",
        "/feed2book.toml:11: edition.weekly.deliver[1].outputs",
        "/feed2book.toml:13: edition.weekly.period",
    ]


def test_a_server_that_is_wrong_is_not_told_to_be_missing(tmp_path: Path) -> None:
    text = LETTER.replace("sender =", "sendr =").replace("host =", "hots =")
    with pytest.raises(ConfigError) as caught:
        read(text, tmp_path)
    assert [cause.where.rpartition(" ")[2] for cause in caught.value.causes] == [
        "mail.sender", "mail.sendr", "server.post.host", "server.post.hots",
    ]  # fmt: skip


def test_the_file_that_is_named_comes_first_then_the_variable_then_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "xdg"))
    with pytest.raises(UsageError, match="feed2book init"):
        find(None, {})
    (tmp_path / "xdg/feed2book").mkdir(parents=True)
    usual = tmp_path / "xdg/feed2book/feed2book.toml"
    usual.touch()
    assert find(None, {}) == usual
    Path("feed2book.toml").touch()
    assert find(None, {}) == Path("feed2book.toml")
    assert find(None, {"FEED2BOOK_CONFIG": "b.toml"}) == Path("b.toml")
    assert find(Path("a.toml"), {"FEED2BOOK_CONFIG": "b.toml"}) == Path("a.toml")


def test_names_that_are_too_long_for_a_file_are_names_of_nothing(tmp_path: Path) -> None:
    long = "x" * 300
    (edition,) = read(SOURCE.replace("https://example.org/feed", long), tmp_path).editions
    assert edition.sources == (Source(long),)
    with pytest.raises(UsageError, match=r"edition\.weekly\.templates: there is no folder"):
        read(f'[edition.weekly]\ntemplates = "{long}"\n{SOURCE}', tmp_path)


def test_a_file_that_is_named_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"gone\.toml: the configuration cannot be read"):
        load(tmp_path / "gone.toml", {})
