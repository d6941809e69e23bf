"""The guides and their pictures: what is shown is there and described, and nothing lies about."""
from __future__ import annotations

import re
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"
STORIES = Path(__file__).parents[1] / "browser"
PICTURE = re.compile(r"!\[([^\]]*)\]\((images/guide/[^)]+)\)")
LINK = re.compile(r"(?<!!)\[[^\]]+\]\((?!https?:)([^)]+)\)")


def shown() -> list[tuple[str, str]]:
    """Alternative text and file of each picture in a guide."""
    return [found for guide in sorted(DOCS.glob("*.md")) for found in PICTURE.findall(guide.read_text())]


def test_every_picture_is_there_and_none_is_unused() -> None:
    there = [str(file.relative_to(DOCS)) for file in (DOCS / "images" / "guide").iterdir()]
    assert sorted(file for _words, file in shown()) == sorted(there)


def test_every_picture_says_what_it_shows() -> None:
    texts = [words for words, _file in shown()]
    assert [words for words in texts if len(words.split()) < 5] == []
    assert len(set(texts)) == len(texts) > 10


def test_every_picture_is_taken_by_a_story() -> None:
    taken = {name for story in STORIES.glob("test_*.py") for name in re.findall(r'picture\("([\w-]+)"', story.read_text())}
    assert {Path(file).stem for _words, file in shown()} == taken


def test_pictures_are_small() -> None:
    sizes = {file: (DOCS / file).stat().st_size for _words, file in shown()}
    assert {file: size for file, size in sizes.items() if size > 150_000} == {}
    assert sum(sizes.values()) < 2_000_000


def heading_anchors(page: Path) -> set[str]:
    """The addresses of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(), flags=re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_links_between_the_guides_lead_somewhere() -> None:
    pages = [*DOCS.rglob("*.md"), DOCS.parent / "README.md"]
    astray = []
    for page in pages:
        for link in LINK.findall(page.read_text()):
            path, _hash, anchor = link.partition("#")
            target = (page.parent / path) if path else page
            if not target.exists() or (anchor and anchor not in heading_anchors(target)):
                astray.append(f"{page.name}: {link}")
    assert astray == []
