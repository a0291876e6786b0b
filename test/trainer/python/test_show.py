"""run.show(): charts in a notebook, a link elsewhere, and no token but the narrow one."""

import json
import sys
import types

import pytest

import integraviz
from stand_in_api import TOKEN


@pytest.fixture
def cell(monkeypatch):
    """What a notebook's cell puts out: (kind, source or HTML) one by one."""
    put_out = []
    display = types.ModuleType("IPython.display")
    display.display = put_out.append
    display.IFrame = lambda source, width, height: ("frame", source, width, height)
    display.HTML = lambda text: ("html", text)
    events = types.SimpleNamespace(register=lambda *_: None)
    shell = types.SimpleNamespace(kernel=object(), events=events)
    ipython = types.ModuleType("IPython")
    ipython.get_ipython = lambda: shell
    ipython.display = display
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    monkeypatch.setitem(sys.modules, "IPython.display", display)
    return types.SimpleNamespace(shown=put_out, shell=shell)


def test_a_cell_shows_the_charts_by_a_token_of_their_own_and_a_link_without(api, begin, said, cell, capsys):
    run = begin(id="a run")
    run.show(height=400)
    address = f"{api.url}/embed#project=mnist&run=a%20run&token=narrow-token"
    link = f"{api.url}/#run=a%20run"
    assert cell.shown == [
        ("frame", address, "100%", 400),
        ("html", f'<b>a run</b> · running · <a href="{link}" target="_blank">{link}</a>'),
    ]
    assert said == [] and TOKEN not in repr(cell.shown) and capsys.readouterr().out == ""


@pytest.mark.parametrize("ending", ["\n", " ", "\ninner"])
def test_a_token_that_was_copied_with_more_is_never_shown(begin, said, cell, ending):
    begin().show(token=f"copied-token{ending}")
    assert "copied-token" not in repr((cell.shown, said))


def test_elsewhere_the_link_is_printed(api, begin, said, cell, capsys):
    del cell.shell.kernel
    run = begin(project="mnist", id="<r>")
    run.show()
    assert capsys.readouterr().out == f"{api.url}/#project=mnist&run=%3Cr%3E\n"
    assert cell.shown == [] and said == []


def test_a_token_that_only_sends_shows_the_link_and_says_what_to_do(api, begin, said, cell):
    api.embed = {"status": 403, "body": {"detail": "The token lacks the scope read."}}
    begin().show()
    assert [kind for kind, *_ in cell.shown] == ["html"]
    assert len(said) == 1 and "--scope ingest read" in said[0] and TOKEN not in said[0]


@pytest.mark.parametrize(
    "answer, words",
    [
        ({"status": 404, "body": {"title": "There is nothing at /embed."}}, "no charts to show in a notebook"),
        ({"status": 500, "body": {"title": f"Broken by {TOKEN}"}}, "500 Broken by ***"),
        ({"body": "<html>"}, "not Integraviz"),
        ({"body": {}}, "cannot be shown"),
    ],
)
def test_whatever_is_answered_nothing_raises_and_one_line_says_why(api, begin, said, cell, answer, words):
    api.embed = answer
    begin().show()
    assert len(said) == 1 and words in said[0] and TOKEN not in said[0]


def test_the_token_that_may_read_comes_from_the_servers_own_file_and_goes_nowhere_else(
    api, given, said, cell, tmp_path
):
    kept = {"url": api.url, "token": "sends", "readToken": TOKEN}
    (tmp_path / "endpoint.json").write_text(json.dumps(kept))
    for url, shown in [(api.url, "frame"), (api.url.replace("127.0.0.1", "localhost"), "html")]:
        run = integraviz.init(**{**given, "url": url, "token": "sends", "folder": str(tmp_path)})
        cell.shown.clear()
        run.show()
        assert cell.shown[0][0] == shown
        run.finish(timeout=1)
    assert TOKEN not in "".join(said)


def test_a_server_that_is_away_leaves_the_link(api, begin, said, cell):
    run = begin()
    run.finish()
    api.go_down()
    run.show()
    assert [kind for kind, *_ in cell.shown] == ["html"] and "finished" in cell.shown[0][1]
    assert len(said) == 1 and "cannot be shown here" in said[0]


def test_a_run_that_is_only_kept_says_so(said, cell):
    run = integraviz.init(provenance=False)
    said.clear()
    run.show()
    assert cell.shown == [] and len(said) == 1 and "no server is named" in said[0]
    assert run.link is None and "kept in a file" in run._repr_html_()


def test_offline_opens_no_socket(api, begin, said, cell):
    run = begin(mode="offline")
    run.show()
    assert [kind for kind, *_ in cell.shown] == ["html"] and api.connections == 0


def test_a_display_that_fails_raises_nothing(api, begin, said, cell, monkeypatch):
    monkeypatch.setattr(sys.modules["IPython.display"], "IFrame", lambda *_: 1 / 0)
    begin().show()
    assert len(said) == 1 and "cannot be shown" in said[0]


@pytest.mark.parametrize("status", ["failed", "stopped", "finished"])
def test_a_cell_that_ends_in_a_run_says_its_state(begin, said, status):
    run = begin(id="<b>&")
    run.finish(status)
    html = run._repr_html_()
    assert "&lt;b&gt;&amp;" in html and f"· {status} ·" in html and TOKEN not in html


def test_a_password_in_the_address_is_not_shown(given, said):
    run = integraviz.init(**{**given, "url": "http://ann:secret@127.0.0.1:9", "mode": "offline"})
    assert run.link == "http://127.0.0.1:9/#run=r"
