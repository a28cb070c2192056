"""Control routes of bad days: events that get lost or repeated, forms that cannot be read.

GET    /_control/events?seller=    the whole journal, what is not visible yet included
POST   /_control/events/drop       {"times": 1, "types": ["BOUGHT"]}: the next events of these types, of
       any without types, are never written; switches: lost_events_percent, event_delay_seconds,
       event_jitter_seconds (later ids seen before earlier ones), silent_journal, missing_bought,
       doubled_ready
POST   /_control/events/shuffle    {"seller": login}: the events written so far change places
POST   /_control/orders/ID/repeat-event   {"type": "BOUGHT"}: once more, true or not, known or not
POST   /_control/orders/ID/hush    no event of this order, neither past nor coming
POST   /_control/orders/ID/spoil   {"way": name} of spoiling.py (no_lines, quantity_zero, quantity_missing,
       quantity_fraction, foreign_currency, unknown_status, huge (10 MB), ...; GET /_control/spoiling lists
       them) or {"path": "lineItems.0.quantity", "value": 1.5}, without a value: the member is gone;
       {} makes the form whole again
GET    /_control/spoiling          the names of the ways
"""

import json

from allegro_module.simulator import journal_tricks
from allegro_module.simulator.control_orders import form_of
from allegro_module.simulator.control_room import ControlRoom, seller_of
from allegro_module.simulator.http import Call
from allegro_module.simulator.spoiling import WAYS, changes_of

room = ControlRoom()


@room.control("GET", "/events")
def whole_journal(call: Call) -> object:
    journal = call.world.orders.journal(seller_of(call, call.query).id)
    return {"events": [event.as_json() for event in journal]}


@room.control("POST", "/events/drop")
def drop(call: Call) -> object:
    asked = call.json({"times": None, "types": None})
    journal_tricks.drop(call.world, asked.get("types", ()), int(asked.get("times", 1)))
    return {"waiting": [[list(waiting.types), waiting.times] for waiting in call.world.orders.drops]}


@room.control("POST", "/events/shuffle")
def shuffle(call: Call) -> object:
    return {"events": journal_tricks.shuffle(call.world, seller_of(call, call.json({"seller": None})).id)}


@room.control("POST", "/orders/<form_id>/repeat-event")
def repeat_event(call: Call, form_id: str) -> object:
    journal_tricks.repeat(call.world, form_of(call, form_id), str(call.json({"type": None})["type"]))
    return {}


@room.control("POST", "/orders/<form_id>/hush")
def hush(call: Call, form_id: str) -> object:
    return {"gone": journal_tricks.hush(call.world, form_of(call, form_id))}


@room.control("GET", "/spoiling")
def ways(_: Call) -> object:
    return {"ways": list(WAYS)}


@room.control("POST", "/orders/<form_id>/spoil")
def spoil(call: Call, form_id: str) -> object:
    form = form_of(call, form_id)
    # Not call.json(), which reads 1.5 as a Decimal.
    form.spoilt = changes_of(json.loads(call.request.get_data() or b"{}"))
    return {"spoilt": [path for path, _ in form.spoilt]}
