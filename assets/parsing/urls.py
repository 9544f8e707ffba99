"""Links made absolute, clean and comparable. Whether an address may be fetched is decided by the fetching room, not here.

`canonical_url` is what is stored and fetched: it never changes which page a server answers with. `url_key` is only for
comparing: it also forgets http/https, `www.` and the order of parameters.
"""

import html
import re
from urllib.parse import SplitResult, unquote, urljoin, urlsplit, urlunsplit

import idna
from w3lib.url import canonicalize_url, safe_url_string

LONGEST = 16_384  # characters; servers refuse longer addresses, and a cut one would be another page
DEFAULT_PORTS = {"http": 80, "https": 443}

# Parameters that only count visitors. A deny-list: anything unknown (?id=7) may choose the article and stays.
TRACKING = re.compile(
    r"utm_\w+|[mp]tm_\w+|(?:pk|piwik|matomo)_(?:campaign|kwd|keyword|source|medium|content|cid|group|placement)"
    r"|fbclid|fb_(?:action_ids|action_types|source|ref)|[gd]clid|gclsrc|[gw]braid|gad_\w+|srsltid|_g[al]|msclkid|yclid|ysclid|ymclid|_openstat|erid"
    r"|twclid|ttclid|igshid?|li_fat_id|scclid|epik|mc_[ce]id|mkt_tok|_hs(?:enc|mi)|__hs(?:tc|sc|fp)|hsctatracking|_kx|_ke|vero_(?:id|conv)"
    r"|oly_(?:anon|enc)_id|ml_subscriber(?:_hash)?|wickedid|__s|s_cid|ns_(?:campaign|mchannel|source|linkname|fee)|xtor|xtref|wt[._]?(?:mc|zmc|rss)\w*"
    r"|at_(?:medium|campaign|custom\d|link_\w+|ptr_\w+|bbc_team)|trk(?:campaign|info|email)?|guccounter|guce_referr\w+|__twitter_impression|rb_clickid"
    r"|ncid|cmpid|ocid|smid|sr_share|feature=youtu\.be|action_object_map|spm|scm|share_token|replytocom",
    re.IGNORECASE,
)
# Parameters that track only with such a value: ?source=12 may be an article, ?source=rss is not.
SOURCE_NAMES = frozenset({"ref", "from", "source", "src", "via", "referrer", "origin", "cmp", "partner", "medium"})
SOURCE_VALUES = frozenset(
    {
        "rss",
        "rss2",
        "rss_feed",
        "rssfeed",
        "feed",
        "feeds",
        "atom",
        "feedburner",
        "twitter",
        "facebook",
        "fb",
        "vk",
        "telegram",
        "tg",
        "newsletter",
        "email",
    }
)
SESSION_NAMES = re.compile(r"phpsessid|jsessionid|aspsessionid\w*|asp\.net_sessionid|cfid|cftoken|zenid|oscsid", re.IGNORECASE)
MAYBE_SESSION_NAMES = frozenset({"sid", "sess", "session", "sessionid", "session_id", "s"})
LONG_TOKEN = re.compile(r"(?=.*\d)[0-9a-zA-Z_-]{20,}")
PATH_SESSION = re.compile(r";(?:jsessionid|phpsessid|sid)=[^/?#;]*", re.IGNORECASE)
FORBIDDEN = re.compile("[\\x00-\\x1f\\x7f-\\x9f\\u2028\\u2029\\ud800-\\udfff]")  # a link that bears a line break was forged or cut
SCHEME = re.compile(r"\s*([a-zA-Z][a-zA-Z0-9+.-]*):")


def canonical_url(url: str | None, base: str | None = None) -> str | None:
    """An absolute http(s) address in ASCII without tracking, session and fragment; None when there is no such address.

    Args:
        url: the link as written: relative, protocol-relative, with spaces or letters of any script.
        base: the address of the document that holds the link.
    """
    text = _readable(url)
    if text is None:
        return None
    try:
        written, parts = urlsplit(text), urlsplit(urljoin(base or "", text))
        host = _host(parts)
        if parts.scheme not in DEFAULT_PORTS or host is None or (written.scheme and not written.netloc):
            return None
        whole = urlunsplit((parts.scheme, host, _path(parts.path), _query(parts.query), _fragment(parts.fragment)))
        safe = _uniform_escapes(safe_url_string(whole))
    except (ValueError, UnicodeError):
        return None
    return safe if safe.isascii() and len(safe) <= LONGEST else None


def url_key(url: str) -> str:
    """What two canonical addresses of one page have in common: no scheme, no `www.`, no closing slash, parameters in order."""
    parts = urlsplit(canonicalize_url(url, keep_fragments=True))
    host = parts.netloc.removeprefix("www.")
    path = re.sub(r"/(?:index\.(?:html?|php))?$", "", parts.path)
    return host + path + (f"?{parts.query}" if parts.query else "") + (f"#{parts.fragment}" if parts.fragment else "")


def is_home_page(url: str) -> bool:
    """Whether an address is the root of its host, with no parameter that could choose an article."""
    parts = urlsplit(url)
    return parts.path in {"", "/"} and not parts.query and not parts.fragment


def _readable(url: str | None) -> str | None:
    """The link as one line without what only an escaped or forged link bears; None when nothing of use is left."""
    text = (url or "").strip().strip("\0\ufeff\u200b")
    text = text.replace("&amp;", "&").replace("&#038;", "&").replace("&#38;", "&").replace("\t", "")
    if not text or len(text) > LONGEST or FORBIDDEN.search(text):
        return None
    text = re.sub(r"(?i)^feed:(?://)?(?=https?:)", "", re.sub(r"(?i)^feed://(?!https?:)", "http://", text))
    text = f"https://{text}" if text.lower().startswith("www.") else text
    schemes = (SCHEME.match(text), SCHEME.match(html.unescape(text)))
    if any(scheme and scheme[1].lower() not in DEFAULT_PORTS for scheme in schemes):
        return None
    return re.sub(r"(?i)^(https?):/*", r"\1://", text)


def _host(parts: SplitResult) -> str | None:
    """Host and port in ASCII; None for what two parsers could read as two hosts (backslash, user:password@)."""
    if not parts.hostname or "@" in parts.netloc or "\\" in parts.netloc or re.search(r"[\s%<>\"^`{|}]", parts.netloc):
        return None
    name = parts.hostname.rstrip(".")
    ascii_name = _ascii_host(name) if ":" not in name else f"[{name}]"
    port = parts.port
    return ascii_name if ascii_name is None or port in {None, DEFAULT_PORTS.get(parts.scheme)} else f"{ascii_name}:{port}"


def _ascii_host(name: str) -> str | None:
    if name.isascii():
        return name.lower() if name and all(name.split(".")) else None
    try:
        return idna.encode(name, uts46=True).decode()
    except idna.IDNAError:
        return None


def _path(path: str) -> str:
    path = PATH_SESSION.sub("", path.replace("\\", "/")) or "/"
    if "/." in path:
        path = urljoin("http://host/", re.sub("^/+", "/", path)).removeprefix("http://host")
    return path


def _query(query: str) -> str:
    return "&".join(piece for piece in query.split("&") if piece and not _is_noise(piece))


def _is_noise(piece: str) -> bool:
    name, _, value = piece.partition("=")
    name, value = unquote(name), unquote(value)
    if TRACKING.fullmatch(name) or SESSION_NAMES.fullmatch(name):
        return True
    if name.lower() in SOURCE_NAMES:
        return value.lower() in SOURCE_VALUES
    return name.lower() in MAYBE_SESSION_NAMES and bool(LONG_TOKEN.fullmatch(value))


def _fragment(fragment: str) -> str:
    """Only the fragments that choose the article on sites made by scripts: `#!/news/7`, `#/news/7`."""
    return fragment if fragment.startswith(("!", "/")) else ""


def _uniform_escapes(url: str) -> str:
    return re.sub(r"%([0-9a-fA-F]{2})", _one_escape, url)


def _one_escape(found: re.Match[str]) -> str:
    char = chr(int(found[1], 16))
    return char if char.isascii() and (char.isalnum() or char in "-._~") else found[0].upper()
