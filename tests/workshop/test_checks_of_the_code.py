from __future__ import annotations

from pathlib import Path

from tools.drift import Generated, drift_of, write
from tools.duplicates import code_of, runs
from tools.size import too_long

EIGHT_LINES = "".join(f"total_{n} = price * {n}\n" for n in range(8))


def _module(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def _repeated(*modules: Path) -> list[tuple[str, int, str, int, int]]:
    found = runs(code_of(path) for path in modules)
    return [
        (run.first.path.name, run.first.number, run.second.path.name, run.second.number, run.length) for run in found
    ]


def test_eight_equal_lines_are_found_with_where_they_begin(tmp_path: Path) -> None:
    first = _module(tmp_path, "first.py", f"import os\n\n{EIGHT_LINES}")
    second = _module(tmp_path, "second.py", f"{EIGHT_LINES}after = 1\n")
    assert _repeated(first, second) == [("first.py", 3, "second.py", 1, 8)]


def test_longer_run_is_told_once_as_long_as_it_is(tmp_path: Path) -> None:
    text = EIGHT_LINES + "one_more = 1\nand_more = 2\n"
    assert _repeated(_module(tmp_path, "a.py", text), _module(tmp_path, "b.py", text)) == [("a.py", 1, "b.py", 1, 10)]


def test_comments_indentation_and_blank_lines_hide_nothing(tmp_path: Path) -> None:
    hidden = "def f():\n" + "".join(f"    {line}  # why\n\n" for line in EIGHT_LINES.splitlines())
    assert _repeated(_module(tmp_path, "a.py", EIGHT_LINES), _module(tmp_path, "b.py", hidden)) == [
        ("a.py", 1, "b.py", 2, 8)
    ]


def test_copy_within_one_module_is_found(tmp_path: Path) -> None:
    assert _repeated(_module(tmp_path, "a.py", f"{EIGHT_LINES}between = 1\n{EIGHT_LINES}")) == [
        ("a.py", 1, "a.py", 10, 8)
    ]


def test_seven_lines_imports_and_docstrings_are_no_copy(tmp_path: Path) -> None:
    seven = EIGHT_LINES.splitlines(keepends=True)[1:]
    quiet = '"""Line.\n' + "Line.\n" * 9 + '"""\n' + "".join(f"import module_{n}\n" for n in range(9))
    text = quiet + "".join(seven)
    assert _repeated(_module(tmp_path, "a.py", text), _module(tmp_path, "b.py", text + "other = 1\n")) == []


def test_module_beyond_the_budget_is_named_with_its_length(tmp_path: Path) -> None:
    _module(tmp_path, "long.py", "x = 1\n" * 401)
    _module(tmp_path, "short.py", "x = 1\n" * 400)
    assert [(path.name, lines) for path, lines in too_long(tmp_path)] == [("long.py", 401)]


def test_generated_file_that_differs_is_shown_and_written_anew(tmp_path: Path) -> None:
    generated = Generated("docs/schema.json", lambda: "{\n}\n")
    assert "+{" in drift_of(generated, tmp_path)
    write(generated, tmp_path)
    assert drift_of(generated, tmp_path) == ""
    _module(tmp_path / "docs", "schema.json", "{\n  edited\n}\n")
    assert "-  edited" in drift_of(generated, tmp_path)
