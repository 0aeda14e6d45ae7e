"""
A refresh as JUnit XML, as GitLab, Jenkins and the actions of GitHub read it.

Something fails in it exactly when the refresh does not end with 0: a test, a cassette that differs, a
contract that changed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree import ElementTree as ET

from taketwo.compare.side_by_side import visible
from taketwo.report.render.terminal import difference_text, reach, sign
from taketwo.report.text import count
from taketwo.results import CassetteResult, Cause, Difference, RefreshResult, Status

_MOST_DIFFERENCES = 100
_LONGEST_TEXT = 20_000
_NO_XML = re.compile("[\ufffe\uffff]")


def refresh_junit(report: RefreshResult) -> str:
    suites = ET.Element("testsuites", name="taketwo")
    suite = ET.SubElement(suites, "testsuite", name="taketwo refresh")
    suite.extend(_cases(report))
    counts = {
        "tests": len(suite),
        "failures": sum(one.find("failure") is not None for one in suite),
        "errors": sum(one.find("error") is not None for one in suite),
        "skipped": 0,
    }
    for name, number in counts.items():
        suites.set(name, str(number))
        suite.set(name, str(number))
    ET.indent(suites)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(suites, encoding="unicode")}\n'


def _cases(report: RefreshResult) -> Iterator[ET.Element]:
    if report.error:
        yield _element_text("taketwo", "refresh", "error", "could not run", report.error)
    for service in report.unlocked:
        name, text = f"contract.{service}", f"the contract of {service} has no lock"
        yield (
            _passed(name, "lock")
            if report.written
            else _element_text(name, "lock", "failure", "no lock", text)
        )
    for cause in report.causes:
        yield _cause(cause)
    for case in report.cassette_results:
        yield _case(case, written=report.written)


def _cause(cause: Cause) -> ET.Element:
    classname = f"contract.{cause.service}" if cause.is_contract_change else "behaviour"
    name = f"{cause.rule} {cause.coordinate}".strip()
    text = f"{cause.severity.value}: {cause.sentence}\n{reach(cause)}\n" + "\n".join(cause.cassettes)
    return _element_text(classname, name, "failure", cause.severity.value, text)


def _case(case: CassetteResult, *, written: bool) -> ET.Element:
    module, _, name = case.test.partition("::")
    classname = module.removesuffix(".py").replace("/", ".")
    name = name or case.cassette
    if case.status is Status.FAILED:
        return _element_text(classname, name, "failure", "no longer passes", case.message, file=module)
    if case.status is Status.CHANGED:
        kind = f"{case.severity.value} drift" if case.severity else "damaged"
        return _element_text(classname, name, "failure", kind, _difference(case), file=module)
    if case.status is Status.NEW and not written:
        text = f"{case.cassette} is not there: nothing was recorded for this test yet"
        return _element_text(classname, name, "failure", "new", text, file=module)
    return _passed(classname, name, file=module)


def _difference(case: CassetteResult) -> str:
    if case.message:
        return case.message
    title = f"{case.cassette}: {count(len(case.differences), 'difference')}"
    return "\n".join(
        [title, *(_difference_text(difference) for difference in case.differences[:_MOST_DIFFERENCES])]
    )


def _difference_text(difference: Difference) -> str:
    text = f"{sign(difference)} {difference_text(difference)}  ({difference.severity.value})"
    return f"{difference.location.heading}  {text}"


def _passed(classname: str, name: str, **more: str) -> ET.Element:
    attributes = {"classname": classname, "name": name, "time": "0", **more}
    return ET.Element("testcase", {key: _clean(value) for key, value in attributes.items()})


def _element_text(classname: str, name: str, what: str, kind: str, text: str, **more: str) -> ET.Element:
    made = _passed(classname, name, **more)
    shown = _clean(text.strip()[-_LONGEST_TEXT:])
    message = next(iter(shown.splitlines()), kind)
    ET.SubElement(made, what, type=kind, message=message).text = shown
    return made


def _clean(text: str) -> str:
    return _NO_XML.sub("\ufffd", visible(text))
