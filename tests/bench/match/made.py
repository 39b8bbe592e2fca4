"""A labelled set, generated from a seed: positions, people and who of them suits, as `make bench MATCH=DIR` reads it.

People word things as people do (wordings.tsv: nothing in it is in the vocabulary), or by an official title or alias.
Grades: 3 has the occupation now, 2 had it before, 1 a kindred one; in the second kind a person's selection record
moves the grade by one or two. Written without a look at how anything is scored.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from random import Random
from typing import Any

from relay.text.occupations import Occupation, occupations

POSITIONS, PEOPLE = 160, 5_000
SEEDS = {"first": 20_261_129, "second": 20_261_130}
_WORDINGS = Path(__file__).with_name("wordings.tsv")
_TITLES = ("{job}", "{job}（{place}）", "【急募】{job}", "{job}／リーダー候補", "{place}勤務の{job}")
_DESCRIPTIONS = (
    "{task}をお任せします。チームで協力して進めていただける方を募集します。",
    "{place}の拠点で、{task}を担当していただきます。入社後は研修があります。",
    "業務内容：{task}。将来は後輩の指導もお願いします。",
)
_MEMOS = (
    "前職では{job}として{year}年ほど。{task}を経験。人柄は明るい。",
    "{year}年間、{task}に携わる。退職の理由は会社の移転。",
    "{task}。直近は{job}の仕事。",
    "{job}の経験{year}年。繁忙期の対応に自信があるとのこと。",
)
_EARLIER = ("その前は{job}を{year}年。", "以前に{task}の経験もあり。", "新卒では{job}。")
_CHATTER = (
    "面接の日程は平日の夕方を希望。",
    "通勤は一時間以内がよい。",
    "落ち着いた受け答え。",
    "パソコンの基本操作は問題なし。",
    "引越しの予定あり。",
    "志望動機がはっきりしている。",
    "チームで働くことを大切にする。",
    "社内の改善提案で表彰。",
    "お客様との会話が得意。",
)
_PLACES = ("東京", "大阪", "名古屋", "福岡", "仙台", "松本")
_KINDS = ("documents", "first", "second", "final")
_REASONS = ("skills", "comparison", "filled", "conditions", "documents", "other")


def wordings() -> Mapping[int, list[str]]:
    """Return how people describe some occupations, by number; not one phrase is in the vocabulary."""
    lines = (line.split("\t") for line in _WORDINGS.read_text(encoding="utf-8").splitlines())
    return {int(number): phrases for number, *phrases in lines}


def write(folder: Path, kind: str, positions_count: int = POSITIONS, people_count: int = PEOPLE) -> None:
    """Write the three files of a set."""
    dice = Random(SEEDS[kind])  # noqa: S311
    folder.mkdir(parents=True, exist_ok=True)
    positions = list(_positions(dice, positions_count))
    sought = [_occupation(each) for each in positions]
    people = list(_people(dice, sought, people_count, with_record=kind == "second"))
    judged = _judgements(dice, positions, people, with_record=kind == "second")
    for name, rows in (("positions", positions), ("people", people), ("judgements", list(judged))):
        shown = [{key: value for key, value in row.items() if not key.startswith("_")} for row in rows]
        lines = [json.dumps(row, ensure_ascii=False, sort_keys=True) for row in shown]
        (folder / f"{name}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _occupation(row: Mapping[str, Any]) -> int:
    return int(row["_occupations"][0])


def _positions(dice: Random, count: int) -> Iterator[dict[str, Any]]:
    worded, known = wordings(), occupations()
    plain = dice.sample([number for number in sorted(known) if number not in worded and known[number].aliases], 90)
    chosen = [*worded, *plain]
    for number, occupation_id in enumerate((chosen + dice.sample(chosen, len(chosen)))[:count], start=1):
        occupation = known[occupation_id]
        place = dice.choice(_PLACES)
        title = dice.choice(_TITLES).format(job=_called(dice, occupation), place=place)
        phrases = worded.get(occupation_id)
        task = phrases[0] if phrases else _task(dice, occupation, None)
        asked = dice.sample(occupation.qualifications, min(len(occupation.qualifications), dice.choice((0, 0, 1, 2))))
        yield {
            "id": number,
            "title": title,
            "description": dice.choice(_DESCRIPTIONS).format(task=task, place=place),
            "required_qualifications": asked[:1],
            "welcome_qualifications": asked[1:],
            "_occupations": [occupation_id],
        }


def _called(dice: Random, occupation: Occupation) -> str:
    return dice.choice((occupation.title, occupation.title, *occupation.aliases[:3])).split("（")[0].split("、")[0]


def _task(dice: Random, occupation: Occupation, phrases: list[str] | None) -> str:
    return dice.choice(phrases) if phrases else dice.choice((occupation.title, *occupation.aliases))


def _people(dice: Random, sought: list[int], count: int, *, with_record: bool) -> Iterator[dict[str, Any]]:
    known, worded = occupations(), wordings()
    everything = sorted(known)
    for number in range(1, count + 1):
        had = [dice.choice(sought if dice.random() < 2 / 3 else everything)]
        if dice.random() < 1 / 3:
            had.append(dice.choice(sought if dice.random() < 1 / 2 else everything))
        told = [dice.choice(_MEMOS).format(**_words(dice, known[had[0]], worded))]
        told += [dice.choice(_EARLIER).format(**_words(dice, known[each], worded)) for each in had[1:]]
        told += dice.sample(_CHATTER, 3)
        holds = [each for number in had for each in known[number].qualifications if dice.random() < 1 / 3]
        holds += [dice.choice(("普通自動車免許", "日商簿記２級", "TOEIC 700"))] if dice.random() < 1 / 3 else []
        person: dict[str, Any] = {
            "id": number,
            "desired_role": _called(dice, known[had[0]]) if dice.random() < 2 / 5 else "",
            "qualifications": "、".join(dict.fromkeys(holds)),
            "notes": ["".join(told)] if dice.random() < 3 / 4 else [],
            "_occupations": had,
        }
        person["files"] = [] if person["notes"] else ["".join(told)]
        if with_record:
            person["applications"] = [_application(dice)]
        yield person


def _words(dice: Random, occupation: Occupation, worded: Mapping[int, list[str]]) -> dict[str, Any]:
    phrases = worded.get(occupation.id, [])[1:]
    job = dice.choice(phrases) if phrases and dice.random() < 1 / 2 else _called(dice, occupation)
    return {
        "job": job,
        "task": _task(dice, occupation, phrases if dice.random() < 2 / 3 else None),
        "year": dice.randrange(1, 20),
    }


def _application(dice: Random) -> dict[str, Any]:
    steps = [
        {"kind": kind, "score": dice.choice((None, 2, 3, 4, 5))}
        for kind in _KINDS[: dice.randrange(1, len(_KINDS) + 1)]
    ]
    return {"steps": steps, "reason": dice.choice(_REASONS), "months_ago": dice.randrange(1, 30)}


def _judgements(
    dice: Random, positions: list[dict[str, Any]], people: list[dict[str, Any]], *, with_record: bool
) -> Iterator[dict[str, Any]]:
    known = occupations()
    for position in positions:
        wanted = known[_occupation(position)]
        for person in people:
            grade = _grade(wanted, [known[number] for number in person["_occupations"]])
            if grade > 1 and with_record:
                grade = max(1, grade + _moved(person["applications"][0]))
            if grade:
                yield {"position": position["id"], "person": person["id"], "grade": grade}


def _grade(wanted: Occupation, had: list[Occupation]) -> int:
    if had[0].id == wanted.id:
        return 3
    if wanted in had:
        return 2
    return int(any(each.middle_class == wanted.middle_class for each in had))


def _moved(application: Mapping[str, Any]) -> int:
    """Return by how much HR would think otherwise of a person, knowing how it went."""
    scores = [step["score"] for step in application["steps"] if step["score"] is not None]
    moved = int(len(application["steps"]) >= len(_KINDS) - 1) + int(application["reason"] in ("filled", "comparison"))
    moved += int(bool(scores) and sum(scores) >= 4 * len(scores))
    moved -= int(application["reason"] == "skills") + int(bool(scores) and sum(scores) < 3 * len(scores))
    return moved - int(application["months_ago"] > 24)
