"""An exam on paper: one sheet with the questions, one with the key. Each is a single HTML file without scripts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any

from omsnb.claims import rows_of
from omsnb.exercises.kinds import KINDS
from omsnb.exercises.questions import Exercise
from omsnb.standing import marked
from omsnb.writing import whole_file

STYLE = """
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; }
h2 { font-size: 1.05rem; margin: 0 0 .4rem; }
section { border-top: 1px solid; padding: .8rem 0; break-inside: avoid; }
dl { margin: .3rem 0; } dt { float: left; clear: left; margin-right: .5rem; } dd { margin: 0; font-weight: 600; }
ol { list-style: upper-alpha; margin: .4rem 0; } .right { font-weight: 700; } .kind, footer { font-size: .85rem; }
table { border-collapse: collapse; } td, th { border: 1px solid; padding: .15rem .6rem; text-align: left; }
@media print { body { margin: 0; max-width: none; } }
"""
FOOT = (
    "For training. No legal or billing advice; not affiliated with AAOMS, the ADA or the AMA. Code numbers and our own "
    "words only, never an official descriptor."
)


def write_sheets(output: str, seed: int, exam: Sequence[Exercise]) -> tuple[Path, Path]:
    """Writes both sheets and returns their paths: the exam, and ``NAME-key.html`` beside it.

    ``output``: a path that ends in .html. Neither sheet is replaced unless both could be written. Raises ``ValueError``
    for another ending, or where one cannot be written.
    """
    paper = Path(output)
    if paper.suffix.lower() not in (".html", ".htm"):
        raise ValueError(f"output: {output!r} is not allowed; allowed is a file name that ends in .html")
    key = paper.with_name(f"{paper.stem}-key{paper.suffix}")
    with whole_file(paper) as questions, whole_file(key) as answers:
        questions.write(exam_page(seed, exam, solved=False).encode())
        answers.write(exam_page(seed, exam, solved=True).encode())
    return paper, key


def exam_page(seed: int, exam: Sequence[Exercise], *, solved: bool) -> str:
    """One sheet as HTML. ``solved``: with answers and reasons (the key), or without (the exam)."""
    title = f"Exam {seed}: coding the digital workflow" + (" (answer key)" if solved else "")
    head = (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{STYLE}</style></head><body><main>'
        f"<h1>{escape(title)}</h1><p>{len(exam)} questions. Each has one right answer.</p>"
    )
    if solved:
        rows = "".join(
            f"<tr><td>{place}</td><td>{entry.letter}</td></tr>" for place, entry in enumerate(exam, 1)
        )
        head += (
            '<table><caption>The answers</caption><thead><tr><th scope="col">Question</th><th scope="col">Answer</th>'
            f"</tr></thead><tbody>{rows}</tbody></table>"
        )
    else:
        head += "<p>Name: ______________________ Date: ______________</p>"
    body = "".join(_question(place, entry, solved) for place, entry in enumerate(exam, 1))
    return f"{head}{body}</main><footer><p>{escape(FOOT)}</p></footer></body></html>\n"


def asked(entry: Exercise) -> str:
    """The question, and that fewer than four answers compete where it is so."""
    return f"{entry.ask} {entry.few}".strip()


def _question(place: int, entry: Exercise, solved: bool) -> str:
    facts = "".join(f"<dt>{escape(question)}</dt><dd>{escape(said)}</dd>" for question, said in entry.scene)
    choices = "".join(_choice(choice.text, choice.right, choice.why, solved) for choice in entry.choices)
    sources = ""
    if solved and entry.guidance:
        said = "".join(f"<li>{escape(marked(id))} ({escape(id)})</li>" for id in entry.guidance)
        sources = f"<details><summary>What it rests on</summary><ul>{said}</ul></details>"
    return (
        f'<section><h2>{place}. {escape(asked(entry))}</h2><p class="kind">{escape(KINDS[entry.kind][0])}, chapter '
        f"{entry.chapter}</p><dl>{facts}</dl><ol>{choices}</ol>{sources}</section>"
    )


def _choice(text: str, right: bool, why: str, solved: bool) -> str:
    if not solved:
        return f"<li>{escape(text)}</li>"
    mark = " class=right" if right else ""
    verdict = "Right. " if right else "Wrong. "
    return f"<li><span{mark}>{escape(text)}</span><br>{verdict}{emphasis(escape(why))}</li>"


def emphasis(text: str) -> str:
    """HTML text with what stands between asterisks emphasized."""
    return re.sub(r"\*([^*]+)\*", r"<em>\1</em>", text)


def exam_data(seed: int, exam: Sequence[Exercise]) -> dict[str, Any]:
    """An exam as plain data, ready for JSON; the key is part of it.

    ``claim``: for a claim with an error the rows of that claim as a claim file has them, the error among them.
    """
    return {
        "seed": seed,
        "questions": [
            {
                "kind": entry.kind,
                "chapter": entry.chapter,
                "table": entry.table,
                "facts": [{"question": asked, "answer": said} for asked, said in entry.scene],
                "ask": entry.ask,
                "choices": [
                    {"text": choice.text, "right": choice.right, "why": choice.why}
                    for choice in entry.choices
                ],
                "answer": entry.letter,
                "guidance": list(entry.guidance),
                "claim": list(rows_of([entry.claim])) if entry.claim else [],
            }
            for entry in exam
        ],
    }


def exam_text(seed: int, exam: Sequence[Exercise]) -> str:
    """An exam as plain text, its key at the end."""
    lines = [f"Exam {seed}, {len(exam)} questions"]
    for place, entry in enumerate(exam, 1):
        lines += ["", f"{place}. {asked(entry)}"]
        lines += [f"   - {asked} {said}" for asked, said in entry.scene]
        lines += [f"   {'ABCDEFGH'[at]}) {choice.text}" for at, choice in enumerate(entry.choices)]
    lines += ["", "Key: " + ", ".join(f"{place} {entry.letter}" for place, entry in enumerate(exam, 1))]
    return "\n".join(lines)
