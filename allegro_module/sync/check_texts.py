"""What the connection test looks at and finds, in English: titles, findings, what to do and where."""

from __future__ import annotations

from dataclasses import dataclass

from allegro_module.domain.texts import marked


@dataclass(frozen=True, slots=True)
class Words:
    """What was found, what to do about it, and at which place that is done (of the page, of Allegro)."""

    text: str
    todo: str = ""
    place: str = ""


TITLES = {
    "keys": marked("Application's keys"),
    "environment": marked("Environment"),
    "token": marked("Access to the account"),
    "seller": marked("Seller"),
    "scopes": marked("Permissions"),
    "scope": marked("Permission %(scope)s"),
    "clock": marked("Clock"),
    "user_agent": marked("Introduction (User-Agent)"),
    "redirect": marked("Redirect URI"),
    "company": marked("Company account"),
    "return_policy": marked("Terms of returns"),
    "implied_warranty": marked("Terms of complaints"),
    "shipping_rate": marked("Delivery price list"),
    "place": marked("Where you send from"),
    "switch": marked("Switched on"),
    "worker": marked("Worker and schedule"),
    "queue": marked("Job queue"),
    "import": marked("Import of orders"),
    "settings": marked("Settings of the shop's server"),
    "tables": marked("Tables"),
    "seal": marked("Encryption keys"),
}

WORDS = {
    "keys": {
        "ok": Words(marked("Allegro knows Client ID and Client Secret.")),
        "refused": Words(
            marked("Allegro does not know these keys."),
            marked(
                "Copy Client ID and Client Secret from the application's page at Allegro and check "
                "the environment."
            ),
            "keys",
        ),
    },
    "environment": {
        "production": Words(marked("Production: what is done here is real.")),
        "sandbox": Words(marked("Sandbox: nothing reaches real buyers.")),
        "simulator": Words(marked("Simulator on this server: nothing reaches Allegro.")),
        "other": Words(
            marked("The account was linked in %(environment)s, the application belongs to %(other)s."),
            marked("Choose the application of the same environment, then link again."),
            "keys",
        ),
        "no_simulator": Words(
            marked("The account belongs to the simulator, and there is none."),
            marked(
                "Set ALLEGRO_SIMULATOR_URL on the shop's server, or link an account of another environment."
            ),
        ),
    },
    "token": {
        "ok": Words(marked("Good until %(expires_at)s; it renews itself.")),
        "renewed": Words(marked("Renewed just now; good until %(expires_at)s.")),
        "unconfirmed": Words(
            marked("Linked, but not confirmed to be the right account; nothing runs until then."),
            marked("Answer the question “Is it the right account?”."),
            "confirm",
        ),
        "not_linked": Words(marked("The account is not linked yet."), marked("Press Link account."), "link"),
        "disconnected": Words(
            marked("The account was disconnected here."), marked("Press Link again and choose Allow."), "link"
        ),
        "lost": Words(
            marked(
                "Allegro refused to renew access: the password was changed, all devices were logged "
                "out, or the application was unpinned."
            ),
            marked("Press Link again and choose Allow."),
            "link",
        ),
        "keys_refused": Words(
            marked("Access was not renewed, because Allegro does not know the application's keys."),
            marked("Save the right Client ID and Client Secret: work then goes on by itself."),
            "keys",
        ),
        "refused": Words(
            marked("Allegro refuses this access."), marked("Press Link again and choose Allow."), "link"
        ),
        "expired": Words(
            marked("Access has ended and could not be renewed."),
            marked("Press Renew tokens; if that fails, Link again."),
            "account",
        ),
    },
    "seller": {
        "ok": Words(marked("Allegro answers as %(login)s.")),
        "renamed": Words(
            marked("Allegro answers as %(login)s, formerly %(earlier)s. The new login is kept here.")
        ),
        "other": Words(
            marked("The access belongs to %(login)s instead of %(wanted)s."),
            marked("Log out at Allegro, press Link again and log in as the right account."),
            "link",
        ),
    },
    "scopes": {
        "ok": Words(marked("All that are needed have been granted.")),
    },
    "scope": {
        "missing": Words(
            marked("Not granted. %(without)s"),
            marked("Add it to the application at Allegro and to those chosen here, then link again."),
            "scopes",
        ),
    },
    "clock": {
        "ok": Words(marked("Differs from Allegro's by %(seconds)s s.")),
        "ahead": Words(
            marked("The server's clock is %(seconds)s s ahead of Allegro's."),
            marked(
                "Switch on time synchronisation (NTP) on the shop's server, or tell the shop's administrator."
            ),
        ),
        "behind": Words(
            marked("The server's clock is %(seconds)s s behind Allegro's."),
            marked(
                "Switch on time synchronisation (NTP) on the shop's server, or tell the shop's administrator."
            ),
        ),
        "unknown": Words(marked("Could not be compared: Allegro did not tell the time.")),
    },
    "user_agent": {
        "ok": Words(marked("%(sent)s")),
        "form": Words(
            marked("%(sent)s is not of the form that Allegro demands."),
            marked("Set ALLEGRO_APP_NAME and ALLEGRO_APP_URL on the shop's server as the README says."),
        ),
        "address": Words(
            marked("%(url)s cannot be opened from the internet."),
            marked("Set ALLEGRO_APP_URL to a public https page that describes the application."),
        ),
        "name_unknown": Words(
            marked(
                "We introduce ourselves as %(name)s; whether the application is registered under "
                "this name is not known."
            ),
            marked("Enter the application's name as registered at Allegro."),
            "name",
        ),
    },
    "redirect": {
        "ok": Words(marked("%(address)s")),
        "not_needed": Words(marked("Not needed: the application links by a code.")),
        "other": Words(
            marked("The shop is open at %(here)s, registered is %(registered)s."),
            marked("Add this address to the application at Allegro, letter by letter."),
            "redirect",
        ),
        "not_https": Words(
            marked("%(address)s does not begin with https://."),
            marked("Turn on https for the shop, then register the new address at Allegro."),
            "redirect",
        ),
        "unknown": Words(marked("Not known here: open the page Account settings in the browser.")),
    },
    "company": {
        "ok": Words(marked("It is a company account.")),
        "private": Words(
            marked(
                "It is a private account: orders are imported, but Allegro lets only companies list "
                "offers this way."
            ),
            marked("Turn it into a company account in Allegro's settings."),
            "allegro",
        ),
        "unknown": Words(marked("Not known until the account is linked.")),
    },
    "return_policy": {
        "ok": Words(marked("At Allegro: %(count)s.")),
        "none": Words(
            marked("There are none at Allegro: no offer can be listed."),
            marked("Create them at Allegro."),
            "allegro",
        ),
    },
    "implied_warranty": {
        "ok": Words(marked("At Allegro: %(count)s.")),
        "none": Words(
            marked("There are none at Allegro: no offer can be listed."),
            marked("Create them at Allegro."),
            "allegro",
        ),
    },
    "shipping_rate": {
        "ok": Words(marked("At Allegro: %(count)s.")),
        "none": Words(
            marked("There is none at Allegro: no offer can be listed."),
            marked("Create one at Allegro."),
            "allegro",
        ),
    },
    "place": {
        "ok": Words(marked("%(post_code)s %(city)s")),
        "missing": Words(
            marked("Not filled in: no offer can be listed."),
            marked("Fill in region, town and postcode."),
            "place",
        ),
        "post_code": Words(
            marked("The postcode %(post_code)s is not one of this country."),
            marked("Correct the postcode."),
            "place",
        ),
    },
    "switch": {
        "ok": Words(marked("The account works.")),
        "off": Words(
            marked("Switched off: nothing is imported or sent; access stays alive."),
            marked("Tick Switch on when work is to go on."),
            "switch",
        ),
    },
    "worker": {
        "ok": Words(marked("At work.")),
        "never": Words(
            marked("It has never run: nothing happens by itself."),
            marked("Start “flask allegro worker” on the shop's server, or tell the shop's administrator."),
        ),
        "silent": Words(
            marked("Last seen at work: %(beat_at)s. Since then nothing happens by itself."),
            marked("Start “flask allegro worker” on the shop's server, or tell the shop's administrator."),
        ),
    },
    "queue": {
        "ok": Words(marked("It answers.")),
        "down": Words(
            marked("It does not answer: buttons wait for the schedule, and jobs do not run."),
            marked(
                "Start Redis or correct ALLEGRO_REDIS_URL on the shop's server, or tell the shop's "
                "administrator."
            ),
        ),
    },
    "import": {
        "ok": Words(marked("Orders last fetched: %(success_at)s.")),
        "not_yet": Words(marked("Not fetched yet; new orders are fetched every minute.")),
        "not_working": Words(marked("It waits: the account is not connected or switched off.")),
        "off": Words(marked("Switched off in the schedule."), marked("Switch it on in the schedule.")),
        "never": Words(
            marked("It has not succeeded yet. %(message)s"),
            marked("If all above is right, wait a minute: the import repeats itself."),
        ),
        "late": Words(
            marked("Orders last fetched: %(success_at)s. %(message)s"),
            marked("If all above is right, wait a minute: the import repeats itself."),
        ),
    },
    "settings": {
        "ok": Words(marked("Complete.")),
    },
    "tables": {
        "ok": Words(marked("As this version expects them.")),
        "old": Words(
            marked("They differ from what this version expects."),
            marked("Run “flask allegro db upgrade” on the shop's server."),
        ),
        "unreachable": Words(marked("The database does not answer."), marked("Start the shop's database.")),
    },
    "seal": {
        "ok": Words(marked("They open all stored secrets (%(count)s).")),
        "shut": Words(
            marked("%(shut)s of %(all)s stored secrets cannot be opened."),
            marked("Put the missing key back into ALLEGRO_ENCRYPTION_KEYS on the shop's server."),
        ),
    },
}
#: What may be found of several things.
OF_ANY = {
    "unavailable": Words(marked("Could not be looked at: Allegro does not answer.")),
    "unexpected": Words(
        marked("Allegro answered in a way we do not know (%(where)s)."),
        marked("This is not your mistake. The answer is in the log; show it to the support."),
    ),
    "scope": Words(marked("Cannot be read: the permission %(scope)s was not granted.")),
    "no_access": Words(marked("Cannot be read without access to the account.")),
    "not_linked": Words(marked("Can be looked at when the account is linked.")),
    "sealed": Words(
        marked("Stored secrets cannot be opened: the key they were sealed with is missing."),
        marked("Put the missing key back into ALLEGRO_ENCRYPTION_KEYS on the shop's server."),
    ),
}
