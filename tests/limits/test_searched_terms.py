"""Fields with a large vocabulary: searched in forms, listed in pages, taken away once written."""
from __future__ import annotations

import csv
import io
import json
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
from bs4 import BeautifulSoup
from ckan.tests import factories
from records.test_forms import fields_of
from redis.exceptions import ConnectionError as RedisGone
from support.editing import act, call, current_document, publish, with_field
from support.people import enter_people

from ckanext.civicswitchboard import connections
from ckanext.civicswitchboard.core.formats import skos
from ckanext.civicswitchboard.schema_registry import drafts
from ckanext.civicswitchboard.views import downloads

pytestmark = [pytest.mark.usefixtures("clean_portal")]

PAGE = "/metadata-schema/vocabularies/topics"
SEARCH = "/api/3/action/civicswitchboard_term_search"


def topics() -> dict[str, Any]:
    """A document with 250 topics, of which one is no longer offered, for a field of each kind."""
    document = current_document()
    terms = [{"id": f"t{n}", "value": f"t{n}", "label": f"Topic {n}"} for n in range(250)]
    terms[3].update(label={"en": "Wells & springs", "fr": "Écoles"}, definition="Where water is.")
    terms[9]["state"] = "retired"
    document["vocabularies"].append({"id": "topics", "label": "Topics", "terms": terms})
    document = with_field(document, field_name="one", preset="select", vocabulary="topics")
    document = with_field(document, field_name="many", preset="multiple_checkbox", vocabulary="topics")
    part = {"id": "topic", "field_name": "topic", "label": "Topic", "preset": "select", "vocabulary": "topics"}
    return with_field(document, field_name="entries", repeating_subfields=[part])


@pytest.fixture
def headers() -> dict[str, str]:
    publish(topics())
    return {"Authorization": factories.SysadminWithToken()["token"]}


def a_dataset(**held: Any) -> None:
    factories.Dataset(name="open", owner_org=factories.Organization()["id"], license_id="cc-by", **held)


def control(html: str, name: str) -> Any:
    return BeautifulSoup(html, "html.parser").find("fieldset", {"data-name": name})


class TestForm:
    def save(self, app: Any, headers: dict[str, str], **typed: Any) -> Any:
        """Send the form as a browser without scripts does, with other values in some inputs."""
        sent = fields_of(app.get("/dataset/edit/open", headers=headers).body)
        kept = [(name, value) for name, value in sent if name not in typed]
        more = [(name, each) for name, value in typed.items() for each in (value if isinstance(value, list) else [value])]
        return app.post("/dataset/edit/open", data=_multi([*kept, *more, ("save", "")]), headers=headers,
                        follow_redirects=False)

    def shown(self) -> dict[str, Any]:
        dataset = call("package_show", id="open")
        return {name: dataset.get(name) for name in ("one", "many", "entries")}

    def test_a_form_holds_what_is_chosen_and_none_of_the_others(self, app: Any, headers: dict[str, str]) -> None:
        a_dataset(one="t3", many=["t1", "t200"], entries=[{"topic": "t5"}])
        html = app.get("/dataset/edit/open", headers=headers).body
        assert "Topic 77" not in html and "t77" not in html
        chosen = [each.get_text(strip=True) for each in control(html, "many").select("[data-label]")]
        assert chosen == ["Topic 1", "Topic 200"]
        assert [each.text for each in control(html, "one").select("[data-label]")] == ["Wells & springs"]
        assert "Search 249 terms" in control(html, "entries-0-topic").text

    def test_what_only_passed_through_the_form_stays(self, app: Any, headers: dict[str, str]) -> None:
        a_dataset(one="t3", many=["t1", "t200"], entries=[{"topic": "t5"}])
        before = self.shown()
        assert self.save(app, headers).status_code == 302
        assert self.shown() == before == {"one": "t3", "many": ["t1", "t200"], "entries": [{"topic": "t5"}]}

    def test_a_term_that_is_retired_later_stays_and_says_so(self, app: Any, headers: dict[str, str]) -> None:
        a_dataset(one="t3", many=["t4", "t5"])
        document = current_document()
        for term in document["vocabularies"][-1]["terms"][3:5]:
            term["state"] = "retired"
        publish(document)
        html = app.get("/dataset/edit/open", headers=headers).body
        assert control(html, "one").select_one("[data-label]").text == "Wells & springs (no longer offered)"
        assert self.save(app, headers, many=["t4", "t5", "t6"]).status_code == 302
        assert self.shown()["one"] == "t3" and set(self.shown()["many"]) == {"t4", "t5", "t6"}

    def test_a_label_or_value_can_be_typed(self, app: Any, headers: dict[str, str]) -> None:
        a_dataset(one="t3", many=["t1"])
        assert self.save(app, headers, one=" topic 8", many=["", "t1", "école", "ÉCOLES\r\nTopic 20"]).status_code == 200
        assert self.save(app, headers, one=" topic 8", many=["", "t1", "ÉCOLES\r\nTopic 20"]).status_code == 302
        assert self.shown() == {"one": "t8", "many": ["t1", "t3", "t20"], "entries": None}

    def test_a_text_that_is_no_term_is_shown_again_with_a_word(self, app: Any, headers: dict[str, str]) -> None:
        a_dataset(one="t3", many=["t1"])
        html = self.save(app, headers, one="Volcanoes", many=["", "t1", "Lava"]).body
        assert "“Volcanoes” isn't in the list" in control(html, "one").text
        assert control(html, "one").find("input", {"name": "one"})["value"] == "Volcanoes"
        assert [each["value"] for each in control(html, "many").select("input[type=checkbox]")] == ["t1", "Lava"]
        assert self.shown()["one"] == "t3"

    def test_values_can_be_taken_away(self, app: Any, headers: dict[str, str]) -> None:
        a_dataset(one="t3", many=["t1"])
        assert self.save(app, headers, one="", many=[""]).status_code == 302
        assert not any(self.shown().values())


class TestSearch:
    def test_gives_labels_and_how_many_there_are(self, app: Any, headers: dict[str, str]) -> None:
        found = json.loads(app.get(f"{SEARCH}?vocabulary=topics&q=ecoles").body)["result"]
        assert found == {"count": 1, "results": [
            {"value": "t3", "label": "Wells & springs", "definition": "Where water is.", "uri": ""},
        ]}
        everything = act("term_search", vocabulary="topics", limit=1000, offset=240)
        assert everything["count"] == 249 and len(everything["results"]) == 9
        assert len(act("term_search", vocabulary="topics", limit=1000)["results"]) == 100

    @pytest.mark.parametrize("sent, status", [
        ("vocabulary=nothing", 404), ("", 409), ("vocabulary=topics&limit=x", 409), ("vocabulary=topics&offset=-1", 409),
        ("vocabulary=topics&version=99", 404), ("vocabulary=topics&version=0", 404),
        ("vocabulary=topics&version=draft", 403), ("vocabulary=topics&version=x", 404),
        (f"vocabulary=topics&q={'water ' * 2000}", 200), ("vocabulary=topics&q=%00%F0%9F%8C%8A", 200),
    ])
    def test_answers_odd_questions(self, app: Any, headers: dict[str, str], sent: str, status: int) -> None:
        assert app.get(f"{SEARCH}?{sent}").status_code == status

    def test_finds_terms_of_the_draft_for_those_who_work_on_it(self, app: Any, headers: dict[str, str]) -> None:
        draft = act("schema_draft_create")
        draft["document"]["vocabularies"][-1]["terms"].append({"id": "new", "value": "new", "label": "Brand new"})
        act("schema_draft_update", revision=draft["revision"], document=draft["document"])
        asked = f"{SEARCH}?vocabulary=topics&q=brand"
        assert json.loads(app.get(asked, headers=headers).body)["result"]["count"] == 0
        assert json.loads(app.get(f"{asked}&version=draft", headers=headers).body)["result"]["count"] == 1
        html = app.get("/metadata-schema/draft/preview/draft/form", headers=headers).body
        assert control(html, "one")["data-source"].endswith("version=draft")

    def test_the_draft_is_read_once_however_much_is_typed(
        self, app: Any, headers: dict[str, str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        read: list[int] = []
        revision = drafts.revision

        def counting(number: int) -> Any:
            read.append(number)
            return revision(number)

        monkeypatch.setattr(drafts, "revision", counting)

        def found(typed: str) -> int:
            asked = f"{SEARCH}?vocabulary=topics&version=draft&q={typed}"
            count: int = json.loads(app.get(asked, headers=headers).body)["result"]["count"]
            return count

        draft = act("schema_draft_create")
        assert [found(typed) for typed in ("t", "to", "top", "topi")] == [249, 248, 248, 248]
        draft["document"]["vocabularies"][-1]["terms"][7]["label"] = "Topiary"
        newer = act("schema_draft_update", revision=draft["revision"], document=draft["document"])
        assert [found("topiary"), found("topia")] == [1, 1]
        assert read == sorted(set(read))
        act("schema_draft_undo", revision=newer["revision"])
        assert found("topiary") == 0
        act("schema_draft_delete")
        assert app.get(f"{SEARCH}?vocabulary=topics&version=draft", headers=headers).status_code == 404


class TestRepairs:
    def ask(self, app: Any, headers: dict[str, str], **given: str) -> Any:
        return BeautifulSoup(app.get("/metadata-schema/repairs/new", query_string=given, headers=headers).body, "html.parser")

    def test_a_term_is_typed_by_its_label(self, app: Any, headers: dict[str, str]) -> None:
        typed = {"term_term": "Topic 9", "into_term": "école"}
        page = self.ask(app, headers, kind="merge_terms", vocabulary="topics", **typed)
        assert "Topic 77" not in page.text
        assert [page.find("input", {"name": name})["value"] for name in typed] == ["t9", "école"]
        page = self.ask(app, headers, kind="merge_terms", vocabulary="topics", term_term="t9", into_term="Écoles")
        assert page.find("input", {"name": "into_term"})["value"] == "t3"

    def test_values_are_replaced_by_typed_terms(self, app: Any, headers: dict[str, str]) -> None:
        a_dataset(one="t4")
        page = self.ask(app, headers, kind="map_values", field="one")
        assert page.find("input", {"name": "old"})["value"] == "t4" and "Topic 77" not in page.text
        assert page.find("input", {"name": "new"}) is not None
        page = self.ask(app, headers, kind="set_default", field="dataset:one", value="topic 8")
        assert page.find("input", {"name": "value"})["value"] == "t8"


class TestPartners:
    """The directory of partners whose skills are one of 249 topics, and whose roles too."""

    @pytest.fixture
    def partner(self, app: Any) -> dict[str, Any]:
        document = topics()
        for field in document["organization"]["fields"]:
            if field["field_name"] in ("skills", "roles"):
                field["vocabulary"] = "topics"
        publish(document)
        factories.Organization(name="center", partner_type="data_intermediary", description="", roles=["t3"], skills=["t30"])
        made: dict[str, Any] = factories.Organization(
            name="branch", partner_type="public_library", description="", roles=["t200", "t8"], skills=["t3", "t40"])
        return made

    def page(self, app: Any, **asked: str) -> Any:
        return BeautifulSoup(app.get("/partners", query_string=asked).body, "html.parser")

    def found(self, page: Any) -> list[str]:
        return [link["href"].rpartition("/")[2] for link in page.select(".csw-card h3 a")]

    def test_filters_are_searched(self, app: Any, partner: dict[str, Any]) -> None:
        page = self.page(app)
        assert "Topic 77" not in page.text and len(str(page)) < 100_000
        assert [each["data-name"] for each in page.select("[data-module=civicswitchboard-term-search]")] == ["role", "skill"]
        assert page.select_one("#field-skill")["value"] == "" and page.select_one("#partners-audience option")

    @pytest.mark.parametrize("typed", ["t3", "Wells & springs", " wells & SPRINGS ", "écoles"])
    def test_a_term_is_typed_by_its_label_or_value(self, app: Any, partner: dict[str, Any], typed: str) -> None:
        page = self.page(app, skill=typed)
        assert self.found(page) == ["branch"]
        assert page.select_one("#field-skill")["value"] == "t3"
        assert page.select_one("[data-name=skill] [data-label]").text == "Wells & springs"
        assert self.found(self.page(app, role=typed)) == ["center"]
        assert self.found(self.page(app, skill="Topic 9999")) == []

    def test_the_table_has_the_roles_that_somebody_has(self, app: Any, partner: dict[str, Any]) -> None:
        rows = [row.th.get_text(" ", strip=True) for row in self.page(app).select(".csw-who-table tbody tr")]
        assert rows == ["Wells & springs", "Topic 8", "Topic 200"]

    def test_words_are_looked_for_in_labels(self, app: Any, partner: dict[str, Any]) -> None:
        assert self.found(self.page(app, q="topic 40")) == ["branch"]
        assert act("partner_search", q="springs")["count"] == 2


class TestApi:
    def test_a_schema_has_the_terms_of_a_large_vocabulary_once(self, app: Any, headers: dict[str, str]) -> None:
        answer = app.get("/api/3/action/scheming_dataset_schema_show?type=dataset").body
        assert answer.count('"Topic 77"') == 1
        fields = {field["field_name"]: field for field in json.loads(answer)["result"]["dataset_fields"]}
        assert len(fields["one"]["choices"]) == 249
        assert "choices" not in fields["many"] and fields["many"]["vocabulary"] == "topics"
        with app.flask_app.test_request_context():
            assert tk.h.scheming_field_choices(fields["many"]) == fields["one"]["choices"]
            assert len(tk.h.scheming_get_dataset_schema("dataset")["dataset_fields"][-2]["choices"]) == 249
        assert len(fields["theme"]["choices"]) == 16

    def test_values_are_lists_and_labels_are_shown(self, app: Any, headers: dict[str, str]) -> None:
        a_dataset(one="t3", many=["t200", "t1"])
        dataset = call("package_show", id="open")
        assert (dataset["one"], dataset["many"]) == ("t3", ["t1", "t200"])
        page = BeautifulSoup(app.get("/dataset/open").body, "html.parser")
        assert [each.text.strip() for each in page.select(".csw-term")][-3:] == ["Wells & springs", "Topic 1", "Topic 200"]


class TestPages:
    def test_a_vocabulary_is_listed_in_pages_and_can_be_searched(self, app: Any, headers: dict[str, str]) -> None:
        def terms(query: str) -> list[str]:
            page = BeautifulSoup(app.get(f"{PAGE}?{query}").body, "html.parser")
            return [" ".join(dt.text.split()) for dt in page.select(".csw-terms dt")]

        assert len(terms("")) == 50 and terms("")[0] == "Topic 0 t0"
        assert len(terms("page=5")) == 50 and terms("page=99") == terms("page=5")
        assert terms("q=wells") == ["Wells & springs t3"] and terms("q=zebra") == []
        assert len(terms("q=topic+1&page=2")) == 50

    def test_the_address_of_a_term_leads_to_its_page(self, app: Any, headers: dict[str, str]) -> None:
        answer = app.get(f"{PAGE}/t120", follow_redirects=False)
        assert answer.headers["Location"].endswith(f"{PAGE}?page=3#term-t120")
        assert BeautifulSoup(app.get(f"{PAGE}?page=3").body, "html.parser").find(id="term-t120")

    def test_a_description_leads_there_and_lists_none_of_the_terms(self, app: Any, headers: dict[str, str]) -> None:
        html = app.get("/metadata-schema").body
        assert "Topic 77" not in html
        field = BeautifulSoup(html, "html.parser").find(id="dataset-field-one")
        link = field.select_one(".csw-terms-heading a")
        assert link["href"] == PAGE and "Topics: 249 terms, 1 more no longer offered" in " ".join(link.text.split())

    def test_an_earlier_version_has_pages_of_its_own(self, app: Any, headers: dict[str, str]) -> None:
        document = current_document()
        document["vocabularies"][-1]["terms"].append({"id": "t250", "value": "t250", "label": "Newest"})
        publish(document)
        older = BeautifulSoup(app.get("/metadata-schema/versions/2").body, "html.parser")
        address = older.find(id="dataset-field-one").select_one(".csw-terms-heading a")["href"]
        assert address == f"{PAGE}?version=2"
        assert "t250" in app.get(f"{PAGE}?page=6").body and "t250" not in app.get(f"{address}&page=6").body
        assert "version=2" in app.get(address).body


class TestDownloads:
    @pytest.fixture
    def written(self, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        """The forms of SKOS that were written, one after the other."""
        forms: list[str] = []

        def write(vocabulary: Any, form: Any, base: str) -> str:
            forms.append(form)
            return skos.write_skos(vocabulary, form, base)

        monkeypatch.setattr(downloads, "write_skos", write)
        return forms

    def test_a_download_is_written_once(self, app: Any, headers: dict[str, str], written: list[str]) -> None:
        first, second = (app.get(f"{PAGE}.ttl") for _ in range(2))
        assert first.body == second.body and "Wells & springs" in first.body
        assert written == ["turtle"]
        assert first.headers["ETag"] == second.headers["ETag"]

    def test_a_client_that_has_it_is_told_so(self, app: Any, headers: dict[str, str], written: list[str]) -> None:
        tag = app.get(f"{PAGE}.ttl").headers["ETag"]
        again = app.get(f"{PAGE}.ttl", headers={"If-None-Match": tag})
        assert again.status_code == 304 and again.body == ""

    def test_a_new_version_is_written_anew(self, app: Any, headers: dict[str, str], written: list[str]) -> None:
        before = app.get(f"{PAGE}.ttl")
        document = current_document()
        document["vocabularies"][-1]["terms"][0]["label"] = "Renamed"
        publish(document)
        after = app.get(f"{PAGE}.ttl")
        assert "Renamed" in after.body and before.headers["ETag"] != after.headers["ETag"]
        assert "Renamed" not in app.get(f"{PAGE}.ttl?version=2").body
        assert written == ["turtle", "turtle"]

    @pytest.mark.parametrize("path", ["schema.yaml", "schema.json", "fields.csv", "versions/2/profile.csv",
                                      "vocabularies/topics.csv", "vocabularies/topics.jsonld"])
    def test_every_download_has_a_tag(self, app: Any, headers: dict[str, str], path: str) -> None:
        one, other = (app.get(f"/metadata-schema/{path}") for _ in range(2))
        assert one.headers["ETag"] and one.body == other.body and len(one.body) > 1000

    def test_a_profile_names_a_large_vocabulary_and_lists_a_short_one(self, app: Any, headers: dict[str, str]) -> None:
        rows = csv.DictReader(io.StringIO(app.get("/metadata-schema/versions/2/profile.csv").body.lstrip("\ufeff")))
        said = {row["fieldName"]: (row["valueConstraint"], row["valueConstraintType"]) for row in rows}
        assert said["one"] == said["many"] == ("topics", "vocabulary")
        assert said["resource_type"][1] == "picklist" and len(said["resource_type"][0].split("|")) == 5

    def test_without_redis_it_is_written_for_each(
        self, app: Any, headers: dict[str, str], written: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def gone() -> Any:
            raise RedisGone("away")

        monkeypatch.setattr(connections, "redis", gone)
        bodies = {app.get(f"{PAGE}.ttl").body for _ in range(2)}
        assert len(bodies) == 1 and written == ["turtle", "turtle"]

    def test_remarks_of_curators_are_in_no_one_elses_file(self, app: Any) -> None:
        people = enter_people()
        document = topics()
        document["vocabularies"][-1]["note"] = "Ask the county"
        publish(document)
        for name in ("schema.yaml", "schema.json"):
            path = f"/metadata-schema/{name}"
            assert "Ask the county" in app.get(path, headers=people.headers("editor")).body
            assert "Ask the county" not in app.get(path).body


def _multi(pairs: list[tuple[str, str]]) -> dict[str, list[str]]:
    sent: dict[str, list[str]] = {}
    for name, value in pairs:
        sent.setdefault(name, []).append(value)
    return sent
