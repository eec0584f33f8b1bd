"""Who the customer is to us: bank accounts, how we reach them, leaving, and money that is theirs."""

from __future__ import annotations

import re
from typing import Any

from agent.agenda import Question, Task
from agent.flows.base import Flow, Say, World, ask, offer
from agent.flows.general import to_specialist
from agent.flows.outcomes import of_act
from agent.flows.payments import verified_account

_REMOVE = re.compile(
    r"\b(?:remove|delete|unlink|take off|get rid of|disconnect|qu[ií]t\w*|elim[ií]n\w+|b[oó]rr\w+|desvincul\w+)\b",
    re.I,
)
_CHANGE = re.compile(
    r"\b(?:add|new|another|change|switch\w*|swap|link|connect|update|replace|verif\w+|agreg\w+|añad\w+"
    r"|nuev[oa]|otr[oa]"
    r"|cambi\w+|vincul\w+|conect\w+|actualiz\w+|registr\w+)\b",
    re.I,
)
_OFF = r"(?:stop|no more|don'?t|turn off|without|go paperless|quit|no quiero|dejen|sin|quiten|no me)"
_CHANNELS: tuple[tuple[str, str], ...] = (
    ("paper_statements", r"paper(?:less)?|by mail|printed|papel|impres\w+"),
    ("texts", r"texts?|sms|text messages?|mensajes? de texto"),
    ("emails", r"e-?mails?|correos? electrónicos?"),
    ("calls", r"calls?|phone calls?|llamadas?"),
)
_PREFERS = re.compile(
    r"\b(?:paperless|paper (?:statements?|bills?)|(?:statements?|bills?) (?:on|in|by) (?:paper|mail)|"
    r"text me|texts? instead|sms|alerts?|notifications?|e-?mail me|en papel|sin papel|avis\w+"
    r"|notificaciones|alertas)\b",
    re.I,
)
_LANGUAGES: tuple[tuple[str, str], ...] = (
    ("es", r"\b(?:in spanish|en español|español|spanish)\b"),
    ("en", r"\b(?:in english|en inglés|inglés|english)\b"),
)
_ADDRESS = re.compile(r"\b(?:e-?mail|phone|number|correo|teléfono|celular|número)\b", re.I)


def bank_accounts(task: Task, world: World) -> Say:
    """Which accounts there are, one taken off, or one taken up that waits; its numbers are never taken in chat."""
    accounts: list[dict[str, Any]] = world.look("list_bank_accounts")["accounts"]
    live = [account for account in accounts if account["status"] in ("verified", "pending")]
    if live and _REMOVE.search(task.said):
        return _remove(task, world, live)
    waiting = [account for account in live if account["status"] == "pending"]
    if waiting and (task.slots.get("take_up") or _CHANGE.search(task.said) or not verified_account(world)):
        return of_act(world.act("add_bank_account", bank_account_id=waiting[0]["bank_account_id"]), task)
    wants = bool(_CHANGE.search(task.said))
    return Say("bank_accounts", {"accounts": live, "wants": wants or not live}, _form("bank_account"))


def _form(name: str) -> dict[str, dict[str, Any]]:
    """The form that a client draws where the template has it; what is typed there goes to `/v1/forms` alone."""
    return {"form": {"type": "form", "form": name}}


def _remove(task: Task, world: World, live: list[dict[str, Any]]) -> Say:
    chosen = [a for a in live if a["bank_account_id"] == task.slots.get("bank_account_id")]
    found = chosen or [a for a in live if a["last4"] in task.said] or live
    if len(found) > 1:
        choices = tuple(a["bank_account_id"] for a in found)
        return ask("ask_which_bank", {"accounts": found}, Question("bank_account_id", "choice", choices))
    return of_act(world.act("remove_bank_account", bank_account_id=found[0]["bank_account_id"]), task)


def preferences(said: str) -> dict[str, Any]:
    """What the words set of how we reach the customer; empty when they name nothing of it."""
    for language, words in _LANGUAGES:
        if re.search(words, said, re.I):
            return {"language": language}
    if re.search(r"\bpaperless\b|\bsin papel\b", said, re.I):
        return {"paper_statements": False}
    if not _PREFERS.search(said):
        return {}
    named = [channel for channel, words in _CHANNELS if re.search(rf"\b(?:{words})\b", said, re.I)]
    if not named:
        return {}
    off = re.search(rf"\b{_OFF}\b.{{0,25}}\b(?:{dict(_CHANNELS)[named[0]]})\b", said, re.I)
    return {named[0]: not off}


def contact(task: Task, world: World) -> Say:
    """Preferences at a yes; a new address from the form with a code; a name or a home address by a specialist."""
    wanted = preferences(task.said)
    if wanted:
        return of_act(world.act("set_contact_preferences", **wanted), task)
    known = world.look("get_profile")
    if known["pending_changes"]:
        change = known["pending_changes"][0]
        return of_act(world.act("change_contact", change_id=change["change_id"]), task)
    if _ADDRESS.search(task.said):
        return Say("contact_how", {"p": known}, _form("contact"))
    return to_specialist("general", "profile_change")(task, world)


def close_account(task: Task, world: World) -> Say:
    """Proposes to close the line; on one that is closing already, what is left to do."""
    line = world.line()
    if line["status"] != "closing":
        return of_act(world.act("close_line", line_id=line["line_id"]), task)
    if not line["owed_cents"]:
        return Say("closing", {"line": line})
    return offer("closing", {"line": line}, "payoff_quote", {})


def refund(task: Task, world: World) -> Say:
    """A credit balance goes back at once to the verified account (12 CFR 1026.11(a)); else a colleague looks."""
    line, account = world.line(), verified_account(world)
    if line["credit_balance_cents"] and account is not None:
        receipt = world.act(
            "request_refund", line_id=line["line_id"], bank_account_id=account["bank_account_id"]
        )
        return of_act(receipt, task)
    given = world.look("hand_off", queue="general", reason="refund_request")
    return Say("refund", {"line": line, "hours": given["hours"]}, state="handed_off")


def refund_status(task: Task, world: World) -> Say:
    """When the money that was sent back arrives; with none sent in this conversation, what there is to send."""
    sent = next(
        (r for r in reversed(world.receipts) if r.tool == "request_refund" and r.outcome == "done"), None
    )
    return Say("refund_status", {"r": sent.data}) if sent is not None else refund(task, world)


FLOWS: dict[str, Flow] = {
    "bank_account_manage": bank_accounts,
    "profile_change": contact,
    "close_account": close_account,
    "refund_request": refund,
    "refund_status": refund_status,
}
