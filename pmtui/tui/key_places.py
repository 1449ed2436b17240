"""The places of the keymap: which widgets can have the focus together on each screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.app import App

if TYPE_CHECKING:
    from pmtui.tui.keymap import FocusPlace, Keys
    from pmtui.tui.launch import Launch


def places(app: type[App[None]]) -> tuple[FocusPlace, ...]:
    """Every screen with its widgets. Imports all of them: call it only when the configuration has keys."""
    from pmtui.tui.dialogs.compare import CompareScreen
    from pmtui.tui.dialogs.conflict import ConflictScreen
    from pmtui.tui.dialogs.review import ReviewScreen
    from pmtui.tui.form.widget import Form
    from pmtui.tui.keymap import FocusPlace
    from pmtui.tui.screens.details import DetailsScreen
    from pmtui.tui.screens.incidents import IncidentsScreen
    from pmtui.tui.screens.postmortem import PostmortemScreen
    from pmtui.tui.screens.preview import PreviewScreen
    from pmtui.tui.screens.requests import RequestsScreen
    from pmtui.tui.widgets.beside import BesidePages
    from pmtui.tui.widgets.change import ChangeView
    from pmtui.tui.widgets.listing.incident_list import IncidentList
    from pmtui.tui.widgets.outline import Outline

    return (
        FocusPlace("the list", (IncidentList, IncidentsScreen, app)),
        FocusPlace("the text", (PostmortemScreen, app), typed=True),
        FocusPlace("the outline", (Outline, PostmortemScreen, app)),
        FocusPlace("the postmortem beside", (BesidePages, PostmortemScreen, app)),
        FocusPlace("the form", (Form, DetailsScreen, app), typed=True),
        FocusPlace("the review", (ChangeView, ReviewScreen, app)),
        FocusPlace("a conflict", (ConflictScreen, app)),
        FocusPlace("the comparison", (CompareScreen, app)),
        FocusPlace("the preview", (PreviewScreen, app)),
        FocusPlace("the request log", (RequestsScreen, app)),
    )


def own_keys(launch: Launch, app: type[App[None]]) -> Keys:
    """The keys that the user gave to actions. Raises ConfigError."""
    if not launch.keys:
        return {}
    from pmtui.tui.keymap import read

    return read(launch.keys, launch.where_keys, places(app))
