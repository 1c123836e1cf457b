import pytest

from caseloom.channels.mail.markup import HELD_IMAGE
from caseloom.channels.mail.message import InboundMail, read_mail
from tests.channels.mail.nasty import html, multipart

HOST = "tracker.example"
TRACKERS = {
    "image": f'<img src="https://{HOST}/p.gif">',
    "image without scheme": f'<img src="//{HOST}/p.gif">',
    "image with backslashes": f'<img src="\\\\{HOST}/p.gif">',
    "image over ftp": f'<img src="ftp://{HOST}/p.gif">',
    "image alias": f"<image src=https://{HOST}/p.gif>",
    "srcset": f'<img srcset="https://{HOST}/p.gif 2x">',
    "picture": f'<picture><source srcset="https://{HOST}/p.gif"></picture>',
    "background": f'<table background="https://{HOST}/p.gif"><tr><td>x</td></tr></table>',
    "body background": f'<body background="https://{HOST}/p.gif">x',
    "css url": f'<p style="background:url(https://{HOST}/p.gif)">x</p>',
    "css url, quoted": f"<p style='background-image: url( \"//{HOST}/p.gif\" )'>x</p>",
    "style element": f"<style>p{{background:url(https://{HOST}/p.gif)}}</style>x",
    "import": f'<style>@import "https://{HOST}/a.css";</style>x',
    "style sheet": f'<link rel="stylesheet" href="https://{HOST}/a.css">x',
    "prefetch": f'<link rel="dns-prefetch" href="//{HOST}">x',
    "input": f'<input type="image" src="https://{HOST}/p.gif">',
    "video poster": f'<video poster="https://{HOST}/p.gif"></video>',
    "audio": f'<audio src="https://{HOST}/a.mp3" autoplay></audio>',
    "iframe": f'<iframe src="https://{HOST}/"></iframe>',
    "embed": f'<embed src="https://{HOST}/">',
    "object": f'<object data="https://{HOST}/"></object>',
    "svg image": f'<svg><image xlink:href="https://{HOST}/p.gif"/></svg>',
    "bgsound": f'<bgsound src="https://{HOST}/a.mid">',
}


def read(raw: bytes) -> InboundMail:
    mail = read_mail(raw)
    assert isinstance(mail, InboundMail)
    return mail


@pytest.mark.parametrize("source", TRACKERS.values(), ids=TRACKERS)
def test_a_call_to_another_host_is_taken_out_and_counted(source: str) -> None:
    mail = read(html(f"<p>Hello</p>{source}"))
    assert HOST not in (mail.html or "")
    assert mail.remote_images_held == 1


def test_two_images_and_a_background_count_as_three() -> None:
    image = f'<img src="https://{HOST}/a.png">'
    mail = read(html(f'{image}<div background="https://{HOST}/b.png">{image}</div>'))
    assert mail.remote_images_held == 3
    assert (mail.html or "").count(HELD_IMAGE) == 2


def test_an_image_inside_the_mail_stays_and_points_to_its_attachment() -> None:
    page = b'Content-Type: text/html\r\n\r\n<p>See <img src="cid:pic1@x" alt="a picture"></p>'
    encoded = b"Content-Transfer-Encoding: base64\r\n\r\niVBORw=="
    picture = b"Content-Type: image/png\r\nContent-ID: <pic1@x>\r\n" + encoded
    mail = read(multipart(page, picture, kind=b"related"))
    assert 'src="cid:pic1@x"' in (mail.html or "")
    assert mail.attachments[0].content_id == "pic1@x"
    assert (mail.remote_images_held, mail.text) == (0, "See a picture")


@pytest.mark.parametrize(
    "source",
    [
        "<script>x</script>",
        "<a href='javascript:x()'>",
        "<a href='JaVaScRiPt&#58;x()'>",
        "<a href='data:text/html,x'>",
        "<img src=x onerror=x()>",
        "<svg onload=x()>",
        "<form action=https://x><input name=p></form>",
        "<meta http-equiv=refresh content='0;url=https://x'>",
        "<base href=https://x>",
        "<p style='behavior:x'>",
        "<p style='width:expression(x())'>",
        "<p style='position:fixed;top:0'>",
        "<object data=x>",
        "<a href='vbscript:x'>",
        "<math><mtext><script>x</script></mtext></math>",
        "<noscript><p title='</noscript><img src=x onerror=x()>'>",
    ],
)
def test_nothing_that_acts_survives(source: str) -> None:
    shown = (read(html(f"<p>Hello</p>{source}")).html or "").lower()
    for word in (
        "script",
        "onerror",
        "onload",
        "<form",
        "<input",
        "<meta",
        "<base",
        "expression",
        "position:",
        "behavior",
    ):
        assert f"{word}" not in shown.replace("&lt;", "").split("title=")[0]


def test_long_harmless_html_is_shown_as_it_is() -> None:
    row = '<tr><td style="color:#333333"><font face="Arial">5 &lt; 6 <b>bold</b></font></td></tr>'
    comment = "<!--[if mso]><table><tr><td><![endif]-->"
    mail = read(html(f"<style>td{{color:red}}</style>{comment}<table>{row * 400}</table>"))
    assert mail.faults == ()
    assert (mail.html or "").count('<font face="Arial">5 &lt; 6 <b>bold</b></font>') == 400
    assert mail.text.count("5 < 6 bold") == 400


def test_plain_text_is_made_of_html_with_lists_links_and_quotes() -> None:
    mail = read(
        html("<p>Dear&nbsp;bank,<br>two   things:</p><ul><li>one</li><li>two</li></ul><blockquote>old</blockquote>")
    )
    assert mail.text == "Dear\xa0bank,\ntwo things:\n\n- one\n- two\n\n> old"
