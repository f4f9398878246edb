"""`pconc-tui doctor`."""

from __future__ import annotations

import json

import pytest

from pconc_tui import cli


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as exit:
        cli.main(["doctor", *arguments])
    assert isinstance(exit.value.code, int)
    return exit.value.code


def test_text_and_json_say_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--json") == 0
    checks = json.loads(capsys.readouterr().out)["checks"]
    assert run() == 0
    lines = capsys.readouterr().out.splitlines()
    named = [line for line in lines if not line.startswith(" ")]
    assert [line[0] for line in named] == ["✓" if each["ok"] else "!" for each in checks]
    assert all(each["name"] in line for each, line in zip(checks, named, strict=True))
    assert {"cores", "scheduling records", "other processes", "interpreters", "terminal"} <= {
        each["name"] for each in checks
    }
    assert all(bool(each["advice"]) is not each["ok"] for each in checks)
