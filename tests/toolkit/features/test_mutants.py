"""
The mutants of a cassette: where each is, and which are the same change.
"""

from __future__ import annotations

from taketwo.cassette.model import Cassette, Interaction, JsonBody, StoredRequest, StoredResponse
from taketwo.features.mutate.mutants import mutants_of

CASSETTE = Cassette(
    test="t",
    interactions=tuple(
        Interaction(
            StoredRequest(method="GET", url="http://a.test/notes"),
            StoredResponse(status=200, body=JsonBody([{"title": title}])),
        )
        for title in ("milk", "eggs")
    ),
)


def test_mutants_are_listed_by_interaction_and_by_what_of_it_changes() -> None:
    places = [(mutant.place, mutant.mutation) for mutant in mutants_of(CASSETTE)]

    assert places[0][0] == "1. GET http://a.test/notes  response.status"
    assert ("1. GET http://a.test/notes", "answer swapped with the next one") in places
    assert ("2. GET http://a.test/notes", "dropped") in places
    assert {place for place, _ in places if "json" in place} == {
        f"{number}. GET http://a.test/notes  response.json{path}"
        for number in (1, 2)
        for path in ("[0]", "[0].title")
    }


def test_one_change_of_two_answers_of_one_request_is_the_same_change() -> None:
    titles = [mutant for mutant in mutants_of(CASSETTE) if mutant.part == "response.json[0].title"]

    assert len({mutant.message for mutant in titles}) == 2
    assert {mutant.change for mutant in titles if " → " not in mutant.mutation} == {
        "GET http://a.test/notes  response.json[].title: removed"
    }


def test_each_mutant_changes_the_cassette_and_none_the_one_it_is_made_of() -> None:
    before = repr(CASSETTE)

    changed = [repr(mutant.apply(CASSETTE)) for mutant in mutants_of(CASSETTE)]

    assert before not in changed
    assert len(set(changed)) == len(changed)
    assert repr(CASSETTE) == before


def test_only_what_is_read_is_mutated_in_the_bodies_of_answers() -> None:
    unread = mutants_of(CASSETTE, is_read=lambda _number, _steps: False)

    assert [mutant.part for mutant in unread if ".json" in mutant.part] == []
