"""The places of the keymap: which widgets can have the focus together on each screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.app import App

if TYPE_CHECKING:
    from pmtui.tui.keymap import Keys, Place
    from pmtui.tui.launch import Launch


def places(app: type[App[None]]) -> tuple[Place, ...]:
    """Every screen with its widgets. Imports all of them: call it only when the configuration has keys."""
    from pmtui.tui.dialogs.compare import CompareScreen
    from pmtui.tui.dialogs.conflict import ConflictScreen
    from pmtui.tui.dialogs.review import ReviewScreen
    from pmtui.tui.form.widget import Form
    from pmtui.tui.keymap import Place
    from pmtui.tui.screens.details import DetailsScreen
    from pmtui.tui.screens.incidents import IncidentsScreen
    from pmtui.tui.screens.postmortem import PostmortemScreen
    from pmtui.tui.screens.preview import PreviewScreen
    from pmtui.tui.screens.requests import RequestsScreen
    from pmtui.tui.widgets.beside import Pages
    from pmtui.tui.widgets.change import ChangeView
    from pmtui.tui.widgets.listing.incident_list import IncidentList
    from pmtui.tui.widgets.outline import Outline

    return (
        Place("the list", (IncidentList, IncidentsScreen, app)),
        Place("the text", (PostmortemScreen, app), typed=True),
        Place("the outline", (Outline, PostmortemScreen, app)),
        Place("the postmortem beside", (Pages, PostmortemScreen, app)),
        Place("the form", (Form, DetailsScreen, app), typed=True),
        Place("the review", (ChangeView, ReviewScreen, app)),
        Place("a conflict", (ConflictScreen, app)),
        Place("the comparison", (CompareScreen, app)),
        Place("the preview", (PreviewScreen, app)),
        Place("the request log", (RequestsScreen, app)),
    )


def own_keys(launch: Launch, app: type[App[None]]) -> Keys:
    """The keys that the user gave to actions. Raises ConfigError."""
    if not launch.keys:
        return {}
    from pmtui.tui.keymap import read

    return read(launch.keys, launch.where_keys, places(app))
