"""An incident without a postmortem: what is offered, what it costs, and that a no creates nothing."""

from __future__ import annotations

import re
from pathlib import Path

from pmtui.sandbox.server import Sandbox
from tests.tui.colleague import Colleague
from tests.tui.user import CHECKOUT, User, using

WITHOUT = {"datadog": "Login e-mails delayed", "opsgenie": "Push messages sent twice"}


def creations(sandbox: Sandbox) -> list[str]:
    return [each["path"] for each in sandbox.requests if each["method"] == "POST" and each["status"] < 300]


async def offered(user: User, title: str) -> None:
    """On the question that such an incident asks."""
    await user.go_to(title)
    await user.press("enter")
    await user.shows("has no postmortem yet", "create one")


async def test_datadog_creates_from_a_template_or_without_one_and_opens_it(sandbox: Sandbox, home: Path) -> None:
    colleague = Colleague(sandbox, "datadog")
    store = sandbox.datadog.state
    record = next(each for each in store.incidents() if each["title"].startswith(WITHOUT["datadog"]))
    store.change(record)
    visibility, record["visibility"] = record["visibility"], "private"
    async with using(home, sandbox, "datadog", ref="IR-335") as user:
        # a private incident warns
        await user.shows("has no postmortem yet")
        await user.press("c")
        await user.shows("no template: a plain outline")
        assert user.keys.strip() == "", "the keys of the list do nothing here"
        await user.press("enter")
        await user.shows("private, but a notebook is not")
        await user.press("escape")
        await user.shows("nothing was created", "enter open")
        assert creations(sandbox) == []
        store.change(record)
        record["visibility"] = visibility
        # nothing is asked for that this backend has no use for
        await user.press("p")
        await user.shows("Datadog says itself which postmortem an incident has")
        # where there is one none is created
        await user.go_to(CHECKOUT)
        await user.press("n")
        await user.shows("has a postmortem already · enter opens it")
        assert creations(sandbox) == []
        # a text that cannot be edited here is said to be one, before anything is created
        await offered(user, WITHOUT["datadog"])
        await user.press("c")
        await user.shows("Confluence, not edited here")
        await user.type("confl")
        await user.press("enter")
        await user.shows("its text will be in Confluence, where pmtui cannot edit it", "create it")
        await user.press("escape")
        await user.shows("nothing was created")
        # from a template
        await offered(user, WITHOUT["datadog"])
        await user.press("c")
        await user.shows("Template", "no template: a plain outline", r"•.*default")
        await user.press("enter")
        await user.shows("Create a postmortem for IR-335", "create it")
        assert re.search(r"│ +##? \w+", user.text), "the beginning of the template"
        assert "left for you to fill in" in user.text, "names what no value is known for"
        assert "{{incident.title}}" not in user.text
        await user.press("enter")
        await user.shows(r"cell 1 of \d+ · line", "unchanged")
        assert len(user.cells) > 2
        assert colleague.postmortem(WITHOUT["datadog"])
        await user.type("Begun.")
        await user.save()
        assert "Begun." in colleague.text(WITHOUT["datadog"])
        await user.press("escape")
        await user.shows("enter open")
        # without a template
        await offered(user, "Push messages sent twice")
        await user.press("c")
        await user.shows("no template: a plain outline")
        await user.type("plain")
        await user.press("enter")
        await user.shows(r"Create a postmortem for IR-\d+", "## Summary")
        await user.press("enter")
        await user.shows(r"cell 1 of \d+ · line", "unchanged")
        assert user.titles[:3] == ["Summary", "What happened", "Impact"]
        assert "{{" not in colleague.text("Push messages sent twice")


async def test_opsgenie_creates_for_what_is_resolved_and_going_back_creates_nothing(sandbox: Sandbox, home: Path) -> None:
    colleague = Colleague(sandbox, "opsgenie")
    async with using(home, sandbox, "opsgenie") as user:
        # none for what is open
        await user.go_to("Login e-mails")
        await user.press("n")
        await user.shows(r"#27 is open: Opsgenie creates\s+postmortems of resolved and closed incidents")
        assert creations(sandbox) == []
        await user.press("enter")
        await user.shows("#27 ", r"None can be created: #27 is open", "edit the fields")
        assert "create one" not in user.text, "what is refused is not offered"
        await user.press("escape")
        await user.no_longer_shows("None can be created")
        # what the vendor does not say is not taken for none
        await user.go_to(WITHOUT["opsgenie"])
        sandbox.fault("GET /v1/incidents* 403")
        await user.press("enter")
        await user.shows("does not say whether #22 has a postmortem", "p +there is one: paste its address")
        assert "has no postmortem" not in user.text
        await user.press("escape")
        sandbox.clear_faults()
        await user.press("enter")
        await user.shows("has no postmortem yet", "c +create one")
        assert "paste" not in user.text
        # going back creates nothing
        await user.press("escape")
        await user.no_longer_shows("has no postmortem yet")
        await user.press("n")
        await user.shows("Create a postmortem")
        await user.press("escape")
        await user.shows("nothing was created")
        await offered(user, WITHOUT["opsgenie"])
        await user.press("f")
        await user.shows("(?m)^ Details ", "unchanged", "▌")
        await user.press("escape")
        await user.shows("there is no postmortem yet", "f2 details")
        assert "first section" not in user.keys, "none can be written"
        await user.press("escape")
        await user.shows("enter open")
        assert creations(sandbox) == []
        assert not colleague.postmortem(WITHOUT["opsgenie"])
        # going on creates one
        await offered(user, WITHOUT["opsgenie"])
        await user.press("c")
        await user.shows("Create a postmortem for #22", "extra property")
        await user.press("enter")
        await user.shows(r"cell 1 of \d+ · line", "draft")
        assert creations(sandbox)[0] == "/v2/postmortem"
        await user.type("Begun.")
        await user.save()
        assert "Begun." in colleague.text(WITHOUT["opsgenie"])


async def test_the_address_of_a_postmortem_that_cannot_be_found_is_pasted(sandbox: Sandbox, home: Path) -> None:
    title = "Certificate of the partner gateway"
    colleague = Colleague(sandbox, "opsgenie")
    other, own = colleague.postmortem("Checkout 5xx"), colleague.postmortem(title)
    sandbox.fault("GET /v1/incident-timelines/** 403")
    sandbox.fault("GET /v2/incident-timelines/** 403")
    async with using(home, sandbox, "opsgenie") as user:
        await user.go_to(title)
        await user.press("enter")
        await user.shows("(?s)does not name.*The page of the incident leads to it:.*incident", "y +copy the address")
        await user.press("y")
        await user.until(lambda: "/incident" in user.app.clipboard, "the address of the incident")
        await user.press("p")
        await user.shows("#23: paste the postmortem's address or id")
        await user.type(f"https://corp.app.opsgenie.com/reports/post-mortem/{other}/detail")
        await user.press("enter")
        await user.shows("could not .*")
        await user.until(lambda: user.app.session is None, "nothing of another incident opened")
        await user.shows("address or id", f"post-mortem/{other[:12]}")
        await user.press("ctrl+u")
        await user.type(f"https://corp.app.opsgenie.com/reports/post-mortem/{own}/detail")
        await user.press("enter")
        await user.shows(r"(?m)^ #23 ", r"cell 1 of \d+")
    async with using(home, sandbox, "opsgenie") as user:
        await user.into(title)
        assert user.app.session is not None
        assert user.app.session.mine.id == own
