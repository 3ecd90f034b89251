"""The fonts of the PDF exports, made from named packages: `python -m tools.fonts` writes src/chaffer/exports/fonts/.

Run by hand when a font is to be newer or have more characters; needs npm, and writes the same bytes again for the
same versions. Each font is cut down to the characters that it is taken for; its shaping tables stay.
"""

from __future__ import annotations

import io
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

from tools.environment import ROOT

FOLDER: Final = ROOT / "src/chaffer/exports/fonts"

_BASIC: Final = (0x20, 0xA0)
_BIG5_LEVEL_2: Final = 0xC940


@dataclass(frozen=True, slots=True)
class Source:
    """One font: the file it becomes, where it comes from, and the ranges of code points that are kept; none: all."""

    name: str
    package: str
    version: str
    path: str
    kept: tuple[tuple[int, int], ...] = ()

    @property
    def licence_path(self) -> str:
        """Return where the font's own licence stands in the package."""
        return "package/LICENSE_FONT" if "expo" in self.package else "package/LICENSE"


def _expo(family: str, version: str, face: str, *kept: tuple[int, int], weight: str = "400Regular") -> Source:
    package = f"@expo-google-fonts/{family}"
    return Source(f"{face}-{weight[3:]}.ttf", package, version, f"{weight}/{face}_{weight}.ttf", kept)


def _fontsource(family: str, subset: str, face: str, *kept: tuple[int, int], version: str = "5.3.0") -> Source:
    path = f"files/{family}-{subset}-400-normal.woff"
    return Source(f"{face}-Regular.ttf", f"@fontsource/{family}", version, path, kept)


_EUROPE: Final = (
    (0x20, 0x7E),
    (0xA0, 0x52F),
    (0x1C80, 0x1C8F),
    (0x1D00, 0x1FFF),
    (0x2000, 0x215F),
    (0x2190, 0x22FF),
    (0x25A0, 0x25FF),
    (0x2C60, 0x2C7F),
    (0x2DE0, 0x2DFF),
    (0x2E00, 0x2E7F),
    (0xA640, 0xA69F),
    (0xA720, 0xA7FF),
    (0xAB30, 0xAB6F),
    (0xFB00, 0xFB06),
    (0xFFFC, 0xFFFD),
)
_HANGUL: Final = ((0x1100, 0x11FF), (0x3130, 0x318F), (0xAC00, 0xD7A3))
_CJK_SIGNS: Final = (
    (0x2460, 0x24FF),
    (0x3000, 0x30FF),
    (0x3100, 0x312F),
    (0x31F0, 0x31FF),
    (0x3200, 0x33FF),
    (0xFF00, 0xFFEF),
)

SOURCES: Final = (
    _expo("noto-sans", "0.4.2", "NotoSans", *_EUROPE),
    _expo("noto-sans", "0.4.2", "NotoSans", *_EUROPE, weight="700Bold"),
    _expo("noto-sans-arabic", "0.4.3", "NotoSansArabic"),
    _fontsource("noto-sans-hebrew", "hebrew", "NotoSansHebrew"),
    _expo("noto-sans-devanagari", "0.4.1", "NotoSansDevanagari", (0x900, 0x97F), (0xA8E0, 0xA8FF), (0x1CD0, 0x1CFF)),
    _fontsource("noto-sans-bengali", "bengali", "NotoSansBengali"),
    _fontsource("noto-sans-tamil", "tamil", "NotoSansTamil"),
    _expo("noto-sans-thai", "0.4.2", "NotoSansThai", (0xE00, 0xE7F)),
    _fontsource("noto-sans-georgian", "georgian", "NotoSansGeorgian"),
    _fontsource("noto-sans-armenian", "armenian", "NotoSansArmenian"),
    _fontsource("noto-sans-math", "latin", "NotoSansMath", (0x2190, 0x23FF), (0x25A0, 0x25FF), (0x27C0, 0x2BFF)),
    _fontsource("noto-sans-symbols-2", "symbols", "NotoSansSymbols2", (0x2000, 0x2BFF)),
    _expo("noto-emoji", "0.4.7", "NotoEmoji"),
    _expo("noto-sans-kr", "0.4.3", "NotoSansKR", *_HANGUL),
    _expo("noto-sans-sc", "0.4.3", "NotoSansSC", *_CJK_SIGNS),
)


def main() -> int:
    """Write the fonts and their licences; return the exit code."""
    total = 0
    with tempfile.TemporaryDirectory() as folder:
        for source in SOURCES:
            package = _package(source, Path(folder))
            made = _cut(source, package)
            (FOLDER / source.name).write_bytes(made)
            licence = FOLDER / f"LICENSE-{source.name.partition('-')[0]}.txt"
            licence.write_bytes(_member(package, source.licence_path))
            total += len(made)
            print(f"{len(made):>9} {source.name} from {source.package} {source.version}")
    print(f"{total:>9} in all")
    return 0


def _package(source: Source, folder: Path) -> Path:
    """Return the package's archive, fetched if it is not there yet."""
    path = folder / f"{source.package.strip('@').replace('/', '-')}-{source.version}.tgz"
    if not path.exists():
        name = f"{source.package}@{source.version}"
        subprocess.run(["npm", "pack", "--silent", name], cwd=folder, check=True, stdout=sys.stderr)  # noqa: S607
    return path


def _member(package: Path, path: str) -> bytes:
    with tarfile.open(package) as archive:
        file = archive.extractfile(path)
        if file is None:
            msg = f"{package.name} has no file {path}"
            raise FileNotFoundError(msg)
        return file.read()


def _cut(source: Source, package: Path) -> bytes:
    """Return the font with the code points that are kept, as TrueType without hints."""
    font = TTFont(io.BytesIO(_member(package, f"package/{source.path}")), recalcTimestamp=False)
    options = Options()
    options.layout_features = ["*"]
    options.hinting = False
    options.name_IDs = ["*"]
    options.notdef_outline = True
    options.glyph_names = False
    options.drop_tables += ["STAT", "MATH", "DSIG"]
    subsetter = Subsetter(options)
    there = set(font.getBestCmap())
    subsetter.populate(unicodes=there & (set(_kept(source)) or there))
    subsetter.subset(font)
    font.flavor = None
    made = io.BytesIO()
    font.save(made)
    return made.getvalue()


def _kept(source: Source) -> Iterator[int]:
    for first, last in source.kept:
        yield from range(first, last + 1)
    if source.kept:
        yield from _BASIC
    if source.name.startswith("NotoSansSC"):
        yield from (code for code in (*range(0x3400, 0xA000), *range(0xF900, 0xFB00)) if _is_common_han(code))


def _is_common_han(code: int) -> bool:
    """Tell whether the sets of the mainland, Japan and Korea before Unicode have it, or the common part of Taiwan's."""
    if any(_encoded(code, name) for name in ("gb2312", "euc_jp", "euc_kr")):
        return True
    big5 = _encoded(code, "big5")
    return bool(big5) and int.from_bytes(big5, "big") < _BIG5_LEVEL_2


def _encoded(code: int, encoding: str) -> bytes:
    return chr(code).encode(encoding, errors="ignore")


if __name__ == "__main__":
    sys.exit(main())
