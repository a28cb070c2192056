"""Why a link did not come about, and what to do: sentences by `LinkFailed.code`."""

from __future__ import annotations

from collections.abc import Sequence

from allegro_module.domain.scopes import PREFIX
from allegro_module.sync.approvals import LinkFailed
from allegro_module.web.i18n import marked, t
from allegro_module.web.scope_words import without
from allegro_module.web.ui import Note, tell

#: The first of each pair is the headline, the second says what to do.
FAILURES = {
    "refused_at_consent": (
        marked("Not linked: consent was refused at Allegro."),
        marked("Nothing has changed. Press Link account again and choose Allow."),
    ),
    "refused_on_device": (
        marked("Not linked: consent was refused at Allegro."),
        marked("Nothing has changed. Begin again and choose Allow."),
    ),
    "state_unknown": (
        marked("Not linked: this answer of Allegro does not belong to any attempt made here."),
        marked("Press Link account and finish in the same browser."),
    ),
    "state_used": (
        marked("Not linked: this answer of Allegro has already been used."),
        marked("If the account is not on the list, press Link account again."),
    ),
    "state_expired": (
        marked("Not linked: more than ten minutes have passed."),
        marked("Press Link account and give consent within ten minutes."),
    ),
    "state_foreign": (
        marked("Not linked: the attempt was begun in another browser or log-in."),
        marked("Press Link account and finish in the same browser."),
    ),
    "code_expired": (
        marked("Not linked: Allegro's code has expired."),
        marked("It is good for ten seconds only. Press Link account again."),
    ),
    "device_expired": (
        marked("Not linked: the code was not confirmed in time."),
        marked("Begin again: you get a new code, which is good for an hour."),
    ),
    "wrong_secret": (
        marked("Not linked: Allegro does not know these keys."),
        marked(
            "Compare Client ID and Client Secret with the application's page at Allegro, "
            "and whether the environment is the one where the application is registered."
        ),
    ),
    "wrong_kind": (
        marked("Not linked: the application is of the other kind."),
        marked(
            "An application with access to a browser is linked by Link account, one without by a code. "
            "Correct the kind in the settings; at Allegro it cannot be changed, only registered anew."
        ),
    ),
    "key_missing": (
        marked("Not linked: the stored Client Secret cannot be opened."),
        marked(
            "The key it was sealed with is missing from ALLEGRO_ENCRYPTION_KEYS. "
            "Tell the shop's administrator, or type the Client Secret once more and save."
        ),
    ),
    "too_many_tokens": (
        marked("Not linked: Allegro has issued too many tokens for this account lately."),
        marked("Wait an hour, then try again. The settings are saved and nothing is lost."),
    ),
    "database_busy": (
        marked("Not linked: the shop's database is busy."),
        marked("Nothing was changed. Press Link account again in a moment."),
    ),
    "unavailable": (
        marked("Not linked: Allegro does not answer."),
        marked("The settings are saved. Try again in a few minutes."),
    ),
    "other_seller": (
        marked("Not linked: consent was given as another account than the one to be linked again."),
        marked("Log out at Allegro, press Link again and log in with the right account."),
    ),
    "no_rights": (
        marked("Not linked: Allegro does not let this application read the account and its orders."),
        marked("Check the application's rights at Allegro, press Link account again and choose Allow."),
    ),
    "consent_error": (
        marked("Not linked: Allegro reported an error on the consent page."),
        marked("Check at Allegro that the redirect URI is registered exactly as shown below."),
    ),
}
#: Nobody did anything wrong.
MILD = frozenset(
    {
        "unavailable",
        "refused_at_consent",
        "refused_on_device",
        "device_expired",
        "too_many_tokens",
        "database_busy",
    }
)


def tell_failure(failure: LinkFailed, wanted: str = "") -> None:
    """On the next page; `wanted` is the login of the account that was to be linked again."""
    note = note_of_failure(failure.code, failure.scopes, wanted)
    tell(note.kind, note.title, note.text)


def note_of_failure(code: str, scopes: Sequence[str] = (), wanted: str = "") -> Note:
    title, what_to_do = FAILURES.get(code, FAILURES["consent_error"])
    words = [t(what_to_do)]
    if code == "no_rights":
        words += [f"{name.removeprefix(PREFIX)}: {without(name)}" for name in scopes]
    if code == "other_seller" and wanted:
        words = [
            t("Consent must come from %(login)s. Its stored access stays as it was.", login=wanted),
            *words,
        ]
    return Note("warn" if code in MILD else "bad", t(title), " ".join(words))
