"""Kinds of repair, each on good values, on bad ones, and back."""
from __future__ import annotations

import json
from typing import Any

import pytest
from core.laws import law
from hypothesis import given
from hypothesis import strategies as st

from ckanext.civicswitchboard.core.repairs import KINDS, Repair, RepairError, read, repaired, undone
from ckanext.civicswitchboard.core.repairs.periods import FORMS, Period, period
from ckanext.civicswitchboard.core.repairs.states import NEXT, STATES, WISHES, WORDS, possible
from ckanext.civicswitchboard.core.schema.compiler import Snapshot, compile_document
from ckanext.civicswitchboard.core.schema.document import parse


def field(name: str, **more: Any) -> dict[str, Any]:
    return {"id": name, "field_name": name, "label": name.capitalize(), "section": "about", **more}


def snapshot() -> Snapshot:
    terms = [
        {"id": each, "value": each, "label": each} for each in ("Monthly", "Twice a year")
    ] + [{"id": "Weekly", "value": "Weekly", "label": {"en": "Every week", "es": "Cada semana"}}] + [{"id": "Bi-Annually", "value": "Bi-Annually", "label": "Bi-Annually", "state": "retired"}]
    part = {
        "sections": [{"id": "about", "label": "About"}],
        "fields": [
            field("title", preset="title"),
            field("license_id", preset="license", missing_values=["notspecified"]),
            field("contact_email", previous_names=["data_steward_email"]),
            field("frequency", preset="select", vocabulary="frequency"),
            field("often", preset="multiple_checkbox", vocabulary="frequency"),
            field("places", preset="multiple_text"),
            field("steps", repeating_subfields=[field("how_often", preset="select", vocabulary="frequency"),
                                                field("who")]),
            field("coverage"), field("start", preset="partial_date"), field("end", preset="partial_date"),
            field("methods"), field("limits"), field("needed", expectation="required", missing_values=["unknown"]),
        ],
    }  # fmt: skip
    document = parse(
        {
            "format": 1,
            "title": "S",
            "partner_types": [],
            "vocabularies": [{"id": "frequency", "label": "Frequency", "terms": terms}],
            "dataset": {**part, "resource_fields": [field("rows"), field("encoding")]},
            "organization": {"sections": [], "fields": [field("website")]},
        }
    )
    return compile_document(document, version=2, presets={})


HERE = snapshot()
EXAMPLES: dict[str, dict[str, Any]] = {
    "rename": {"field": "data_steward_email", "to": "contact_email"},
    "swap": {"field": "methods", "with": "limits"},
    "map_values": {"field": "often", "values": {"Bi-Annually": "Twice a year", "Monthly": "Weekly"}},
    "set_default": {"field": "license_id", "value": "cc-by"},
    "split_interval": {"field": "coverage", "start": "start", "end": "end"},
    "join": {"fields": ["methods", "limits"], "to": "needed", "separator": "; "},
    "retype": {"field": "places", "to": "several", "separator": ";"},
    "move": {"key": "where", "to": "places"},
    "merge_terms": {"vocabulary": "frequency", "term": "Bi-Annually", "into": "Twice a year"},
    "delete_values": {"field": "often", "values": ["Monthly"]},
}


def make(kind: str, **params: Any) -> Repair:
    return read(kind, params or EXAMPLES[kind], HERE)


def after(repair: Repair, **values: Any) -> dict[str, Any]:
    return repaired(values, repair.step("dataset", values))


def fault(repair: Repair, **values: Any) -> str | None:
    return repair.step("dataset", values).fault


class TestEachKind:
    def test_rename_moves_a_value_unchanged(self) -> None:
        assert after(make("rename"), data_steward_email=" A\r\n") == {"contact_email": " A\r\n"}
        assert after(make("rename"), data_steward_email="a", contact_email="") == {"contact_email": "a"}
        assert after(make("rename"), data_steward_email="", contact_email="b") == {"contact_email": "b"}
        assert fault(make("rename"), data_steward_email="a", contact_email="b") == "collision"

    def test_swap_lets_each_value_follow_its_field(self) -> None:
        assert after(make("swap"), methods="m", limits="l") == {"methods": "l", "limits": "m"}
        assert after(make("swap"), methods="m") == {"limits": "m"}

    def test_a_name_may_be_any_word(self) -> None:
        # A record's names are no names of parameters.
        for name in ("values", "self", "becoming"):
            assert after(make("move", key=name, to="methods"), **{name: "m"}) == {"methods": "m"}

    def test_map_values_replaces_what_the_table_names_and_leaves_the_rest(self) -> None:
        text = make("map_values", field="frequency", values={"Bi-Annually": "Twice a year"})
        assert after(text, frequency="Bi-Annually") == {"frequency": "Twice a year"}
        assert after(text, frequency="Monthly") == {"frequency": "Monthly"}
        several = after(make("map_values"), often='["Monthly", "Weekly", "x"]')
        assert several == {"often": '["Weekly", "x"]'}
        assert fault(make("map_values"), often="Monthly") == "unconvertible"
        rows = make("map_values", field="steps.how_often", values={"Monthly": "Weekly"})
        stored = json.dumps([{"how_often": "Monthly", "who": "é", "id": "1"}], ensure_ascii=False)
        assert after(rows, steps=stored) == {"steps": stored.replace("Monthly", "Weekly")}

    @pytest.mark.parametrize(("kind", "params"), [
        ("set_default", {"field": "license_id", "value": "notspecified"}),
        ("set_default", {"field": "methods", "value": "  "}),
        ("set_default", {"field": "often", "value": [" "]}),
        ("map_values", {"field": "methods", "values": {"a": " "}}),
        ("map_values", {"field": "needed", "values": {"a": "unknown"}}),
        ("move", {"key": "needed", "to": "elsewhere"}),
    ])  # fmt: skip
    def test_no_repair_makes_a_gap(self, kind: str, params: dict[str, Any]) -> None:
        with pytest.raises(RepairError):
            make(kind, **params)

    def test_values_that_change_places_are_each_mapped_once(self) -> None:
        there_and_back = {"field": "methods", "values": {"a": "b", "b": "a"}}
        assert after(make("map_values", **there_and_back), methods="a") == {"methods": "b"}
        assert make("map_values", **there_and_back).inverse == there_and_back

    def test_set_default_fills_gaps_and_what_counts_as_one(self) -> None:
        repair = make("set_default")
        assert after(repair, license_id="notspecified") == {"license_id": "cc-by"}
        assert after(repair) == {"license_id": "cc-by"}
        assert after(repair, license_id="odc") == {"license_id": "odc"}
        often = make("set_default", field="often", value="Weekly")
        assert after(often, often="[]") == after(often, often='[""]') == after(often) == {"often": '["Weekly"]'}
        assert after(often, often='["", "Monthly"]') == {"often": '["", "Monthly"]'}

    def test_set_default_replaces_what_is_to_count_as_none(self) -> None:
        repair = make("set_default", field="frequency", value="Weekly", instead_of=["Bi-Annually"])
        assert after(repair, frequency="Bi-Annually") == after(repair) == {"frequency": "Weekly"}
        assert after(repair, frequency="Monthly") == {"frequency": "Monthly"}
        assert "Bi-Annually" in repair.parts[0].holding

    def test_set_default_fills_gaps_in_entries(self) -> None:
        repair = make("set_default", field="steps.how_often", value="Weekly")
        rows = [{"who": "Ann"}, {"who": "Bo", "how_often": "Monthly"}, {"who": ""}]
        assert json.loads(after(repair, steps=json.dumps(rows))["steps"]) == [
            {"who": "Ann", "how_often": "Weekly"}, *rows[1:]
        ]
        assert not repair.step("dataset", {}).concerned
        assert fault(repair, steps="Ann") == "unconvertible"

    def test_split_fills_start_and_end_and_keeps_the_text(self) -> None:
        repair = make("split_interval")
        found = after(repair, coverage="2016-01-01/2016-12-31")
        assert found == {"coverage": "2016-01-01/2016-12-31", "start": "2016-01-01", "end": "2016-12-31"}
        assert after(repair, coverage="2016-12-01/") == {"coverage": "2016-12-01/", "start": "2016-12-01"}
        assert fault(repair, coverage="2016/2017", start="2015") == "collision"
        assert fault(repair, coverage="2020-21") == "unconvertible"
        assert not repair.step("dataset", {"coverage": "current", "start": "2015"}).concerned

    def test_join_puts_texts_together(self) -> None:
        assert after(make("join"), methods="m", limits="l")["needed"] == "m; l"
        assert after(make("join"), methods="m")["needed"] == "m"
        assert fault(make("join"), methods="m", needed="other") == "collision"

    def test_retype_changes_the_form(self) -> None:
        assert after(make("retype"), places="a; b") == {"places": '["a", "b"]'}
        assert after(make("retype"), places='["a"]') == {"places": '["a"]'}
        assert after(make("retype"), places='[{"who": "Ann"}, {"who": ""}]') == {"places": '["Ann"]'}
        assert fault(make("retype"), places='[{"who": "Ann", "how_often": "Weekly"}]') == "unconvertible"
        assert after(make("retype"), places='["a; b", "c"]') == {"places": '["a", "b", "c"]'}
        text = make("retype", field="coverage", to="text")
        assert after(text, coverage='["a"]') == {"coverage": "a"}
        assert after(text, coverage='["a", "b"]') == {"coverage": "a; b"}
        assert after(text, coverage='[""]') == {} and after(text, coverage='[{"who": ""}]') == {}
        assert after(text, coverage='["a", 1]') == {"coverage": '["a", 1]'}
        assert fault(text, coverage='[{"who": "Ann", "how_often": "Weekly"}]') == "unconvertible"
        rows = make("retype", field="steps", to="repeating", part="who")
        assert after(rows, steps="Ann [1]") == {"steps": '[{"who": "Ann [1]"}]'}
        assert after(rows, steps='["Ann", "Bo"]') == {"steps": '[{"who": "Ann"}, {"who": "Bo"}]'}
        date = make("retype", field="start", to="date")
        assert after(date, start="2018-03-20T13:39:15.000Z") == {"start": "2018-03-20"}
        assert fault(date, start="8/10/2016") == "unconvertible"

    def test_move_takes_from_other_fields_and_gives_back(self) -> None:
        assert after(make("move"), where="Hill") == {"places": '["Hill"]'}
        assert after(make("move"), where='["Hill"]') == {"places": '["Hill"]'}
        assert fault(make("move"), where="Hill", places='["Elm"]') == "collision"
        out = make("move", key="methods", to="how_it_was_done")
        assert after(out, methods="x") == {"how_it_was_done": "x"}

    def test_merge_terms_reaches_a_part_that_holds_several_terms_as_json(self) -> None:
        held = json.dumps(["Bi-Annually", "Monthly"])
        rows = json.dumps([{"how_often": held, "who": "x"}])
        (row,) = json.loads(after(make("merge_terms"), steps=rows)["steps"])
        assert json.loads(row["how_often"]) == ["Twice a year", "Monthly"] and row["who"] == "x"

    def test_merge_terms_reaches_every_field_of_the_vocabulary(self) -> None:
        rows = '[{"how_often": "Bi-Annually"}]'
        found = after(make("merge_terms"), frequency="Bi-Annually", often='["Bi-Annually"]', steps=rows)
        assert found == {
            "frequency": "Twice a year", "often": '["Twice a year"]', "steps": '[{"how_often": "Twice a year"}]'
        }  # fmt: skip

    def test_delete_values_takes_them_out(self) -> None:
        assert after(make("delete_values"), often='["Monthly", "Weekly"]') == {"often": '["Weekly"]'}
        assert after(make("delete_values"), often='["Monthly"]') == {}
        assert make("delete_values").asks_twice


@pytest.mark.parametrize(
    ("kind", "params", "param"),
    [
        ("rename", {"field": "x", "to": "nothing"}, "to"),
        ("rename", {"field": "x"}, "to"),
        ("rename", {"field": "title", "to": "contact_email"}, "field"),
        ("rename", {"field": "often", "to": "contact_email"}, "field"),
        ("swap", {"field": "methods", "with": "methods"}, "with"),
        ("map_values", {"field": "title", "values": {"a": "b"}}, "field"),
        ("map_values", {"field": "frequency", "values": {"a": "Never"}}, "values"),
        ("map_values", {"field": "frequency", "values": {"a": ""}}, "values"),
        ("map_values", {"field": "frequency", "values": ["a"]}, "values"),
        ("map_values", {"field": "steps", "values": {"a": "b"}}, "field"),
        ("set_default", {"field": "frequency", "value": "Bi-Annually"}, "value"),
        ("split_interval", {"field": "coverage", "start": "start", "end": "start"}, "end"),
        ("split_interval", {"field": "often", "start": "start", "end": "end"}, "field"),
        ("join", {"fields": ["methods"], "to": "limits"}, "fields"),
        ("retype", {"field": "coverage", "to": "number"}, "to"),
        ("retype", {"field": "coverage", "to": "several"}, "to"),
        ("retype", {"field": "steps", "to": "repeating", "part": "whom"}, "part"),
        ("set_default", {"field": "steps", "value": "x"}, "field"),
        ("set_default", {"field": "steps.how_often", "value": "Never"}, "value"),
        ("map_values", {"field": "steps.how_often", "values": {"Monthly": "Never"}}, "values"),
        ("map_values", {"field": "methods", "values": {"a\0": "b"}}, "values"),
        ("rename", {"field": "x\0", "to": "contact_email"}, "field"),
        ("move", {"key": "x", "to": "x\ud800"}, "to"),
        ("move", {"key": "a", "to": "b"}, "to"),
        ("move", {"key": "methods", "to": "limits"}, "to"),
        ("merge_terms", {"vocabulary": "frequency", "term": "Weekly", "into": "Bi-Annually"}, "into"),
        ("merge_terms", {"vocabulary": "x", "term": "Weekly", "into": "Monthly"}, "vocabulary"),
        ("delete_values", {"field": "needed", "values": ["x"]}, "field"),
        ("guess", {}, "kind"),
        ("set_default", {"field": "methods", "value": "x", "extra": 1}, "extra"),
        ("set_default", {"field": "methods", "value": "x", "entity": "group"}, "entity"),
    ],
)
def test_what_cannot_be_done_names_the_parameter(kind: str, params: dict[str, Any], param: str) -> None:
    with pytest.raises(RepairError) as refused:
        read(kind, params, HERE)
    assert list(refused.value.faults) == [param]
    said = refused.value.say(lambda text: f"translated: {text}")
    assert all(text.startswith("translated: ") for texts in said.values() for text in texts)


def test_a_refusal_is_translated_as_a_sentence_with_places() -> None:
    with pytest.raises(RepairError) as refused:
        read("rename", {"field": "x", "to": "{name} %s"}, HERE)
    assert refused.value.say({"There's no field '{name}' in the current version": "Kein Feld „{name}“"}.get) == {
        "to": ["Kein Feld „{name} %s“"]
    }
    assert str(refused.value) == "to: There's no field '{name} %s' in the current version"


TEXTS = st.sampled_from(
    ["", "[]", "null", "Monthly", "Bi-Annually", '["Monthly", "x"]', '["Monthly', '[{"how_often": "Monthly"}]',
     "2016/2017", "2020-21", "2016-12-01/", "a; b", "notspecified", "{}", '[1, null]', "\u2028é\ud800", "[" * 5000]
)  # fmt: skip
STORED: Any = TEXTS | st.none() | st.integers() | st.lists(TEXTS, max_size=2) | st.dictionaries(TEXTS, TEXTS, max_size=1)
KEYS = sorted({key for kind in KINDS for part in make(kind).parts for key in part.keys})


@given(st.sampled_from(sorted(KINDS)), st.dictionaries(st.sampled_from(KEYS), STORED))
@law(600)
def test_repair_then_undo_is_the_identity_whatever_is_stored(kind: str, values: dict[str, Any]) -> None:
    repair = make(kind)
    for part in repair.parts:
        mine = {key: value for key, value in values.items() if key in part.keys}
        outcome = repair.step(part.entity, mine)
        now = repaired(mine, outcome)
        if outcome.fault:
            assert now == mine
        assert set(now) <= set(part.keys)
        touched = set(outcome.before) | set(outcome.after)
        assert all(now.get(key) == mine.get(key) for key in set(part.keys) - touched)
        back, edited = undone(now, outcome.before, outcome.after, repair.linked)
        assert not edited
        assert {**{k: v for k, v in now.items() if k not in touched}, **back} == mine


CHAINED = {
    "a chain": {"field": "often", "values": {"x": "Monthly", "Monthly": "Weekly"}},
    "there and back": {"field": "steps.how_often", "values": {"Monthly": "Weekly", "Weekly": "Monthly"}},
    "of one text": {"field": "methods", "values": {"Monthly": "Bi-Annually", "Bi-Annually": "Monthly"}},
}


@given(st.sampled_from([*sorted(KINDS), *CHAINED]), st.dictionaries(st.sampled_from(KEYS), STORED))
@law(600)
def test_what_a_repair_makes_it_leaves_or_calls_ambiguous(kind: str, values: dict[str, Any]) -> None:
    repair = make("map_values", **CHAINED[kind]) if kind in CHAINED else make(kind)
    for part in repair.parts:
        made = repaired(mine := {k: v for k, v in values.items() if k in part.keys}, repair.step(part.entity, mine))
        again = repair.step(part.entity, made)
        assert not again.concerned or again.fault or repair.ambiguous(made)


def test_only_what_a_repair_both_takes_and_makes_is_ambiguous() -> None:
    repair = make("map_values", field="often", values={"x": "Monthly", "Monthly": "Weekly"})
    assert [repair.ambiguous({"often": json.dumps([value])}) for value in ("x", "Monthly", "Weekly")] == [
        False, True, False
    ]


@given(st.sampled_from(sorted(KINDS)), st.dictionaries(st.sampled_from(KEYS), STORED), st.data())
@law(300)
def test_undo_leaves_what_somebody_edited_since(kind: str, values: dict[str, Any], data: Any) -> None:
    repair = make(kind)
    part = repair.parts[0]
    outcome = repair.step(part.entity, {k: v for k, v in values.items() if k in part.keys})
    touched = sorted(set(outcome.before) | set(outcome.after))
    if outcome.fault or not touched:
        return
    key = data.draw(st.sampled_from(touched))
    back, edited = undone({**outcome.after, key: "edited"}, outcome.before, outcome.after, repair.linked)
    assert back[key] == "edited" and key in edited
    if repair.linked:
        assert sorted(edited) == touched


def test_the_inverse_leads_back() -> None:
    for kind in ("rename", "swap", "move", "map_values"):
        params = {"field": "methods", "values": {"m": "n"}} if kind == "map_values" else EXAMPLES[kind]
        repair = make(kind, **params)
        assert repair.inverse is not None
        assert set(repair.inverse) == set(repair.params)
    assert make("map_values", field="methods", values={"a": "c", "b": "c"}).inverse is None


def test_every_kind_says_what_it_does_and_can_be_stored() -> None:
    for kind, declared in KINDS.items():
        repair = make(kind)
        assert str(repair.words) and declared.title and declared.means
        assert read(kind, json.loads(json.dumps(repair.params)), HERE).params == repair.params


@pytest.mark.parametrize(("kind", "params", "words"), [
    ("map_values", {"field": "steps.how_often", "values": {"Monthly": "Weekly"}},
     "In “Steps: How_often”, “Monthly” becomes “Cada semana”"),
    ("delete_values", {"field": "often", "values": ["Weekly", "x"]}, "Values of “Often” are deleted: Cada semana, x"),
    ("delete_values", {"field": "places", "values": ["x" * 50, "y" * 50]},
     f"Values of “Places” are deleted: {'x' * 50}, …"),
    ("set_default", {"field": "often", "value": ["Weekly", "Monthly"]},
     "“Often” becomes “Cada semana, Monthly” where it has no value"),
])  # fmt: skip
def test_sentences_call_fields_and_terms_as_people_do(kind: str, params: dict[str, Any], words: str) -> None:
    said = make(kind, **params).words.say(str, lambda text: text["es"] if isinstance(text, dict) else text)
    assert said == words


def test_repairs_of_the_same_values_overlap() -> None:
    assert make("split_interval").overlaps(make("retype", field="start", to="date"))
    assert not make("split_interval").overlaps(make("swap"))


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_every_form_of_a_period_reads_its_example(form: Any) -> None:
    assert period(form.example) is not None


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2013/2015", "2013", "2015"), ("2016-01-01/2016-12-31", "2016-01-01", "2016-12-31"),
        ("2016-12-01/", "2016-12-01", ""), ("2016-12-01/..", "2016-12-01", ""), ("2019-2020", "2019", "2020"),
        ("2015 - 2016", "2015", "2016"), ("1974", "1974", "1974"), ("2016-05", "2016-05", "2016-05"),
        ("2020-04-01", "2020-04-01", "2020-04-01"), ("2015-Present", "2015", ""),
        ("2011-02-14 through present", "2011-02-14", ""), ("2015/01/01 to present", "2015-01-01", ""),
        ("2017-02/2019-02", "2017-02", "2019-02"), ("2016/2016-05-01", "2016", "2016-05-01"),
    ],
)  # fmt: skip
def test_a_clear_period_is_read(text: str, start: str, end: str) -> None:
    assert period(text) == Period(start, end)


@pytest.mark.parametrize(
    "text",
    ["2020-21", "2011-12", "2016-30-09", "2016-13", "current", "N/A", "Tax Year 2016", "8/10/2016", "", "2016/2015",
     "1/1/2015-03/16/2023", "2016-02-30", "2016--2017", "20166", "/2023-04-30", "２０１６"],
)  # fmt: skip
def test_what_could_mean_two_things_or_nothing_is_never_guessed(text: str) -> None:
    assert period(text) is None


def test_the_states_are_declared_completely() -> None:
    assert set(NEXT) == set(WORDS) == set(STATES)
    assert all(following <= set(STATES) for following in NEXT.values())
    assert all(state in STATES for state in WISHES.values())
    assert possible("running") == ["pause", "cancel"] and possible("undone") == []
