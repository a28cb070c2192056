"""What the sources leave open or what varies from day to day: each a switch, strict by default."""

from dataclasses import dataclass, fields

CHOICES = {
    "offer_creation": ("created", "accepted"),
    "offer_edit": ("done", "accepted"),
    "late_failure_draft": ("stays", "disappears"),
    "invoice_verdict": ("ACCEPTED", "REJECTED"),
    "next_item_rate": ("refused", "ignored"),
}


@dataclass
class Switches:
    """Settings of a simulated Allegro; the control routes turn them by name."""

    # Mandatory since 2026-07-01 (#13599); what Allegro answers without it is not published, 403 is ours.
    check_user_agent: bool = True
    any_loopback_redirect: bool = True
    accept_any_type: bool = False
    refresh_grace_seconds: int = 60
    # The sandbox was seen not to void a refresh token on rotation (July 2026); production does.
    rotation_voids: bool = True
    code_seconds: int = 10
    device_code_seconds: int = 3600
    device_interval_seconds: int = 5
    # Official samples of the device flow show both numbers as texts.
    device_numbers_as_text: bool = True
    registration_code_seconds: int = 120

    # 0 is no limit; that of tokens is known to exist, its figure is not published.
    tokens_per_hour: int = 0
    requests_per_minute: int = 9000
    # 0 is no limit, of suggested categories.
    matchings_per_second: int = 5
    # Of one seller; 0 is no limit (#9983, #12700; of the fee preview, its description).
    offer_writes_per_minute: int = 2490
    offer_writes_per_hour: int = 74_700
    offer_reads_per_minute: int = 3500
    fee_previews_per_second: int = 25
    product_proposals_per_month: int = 20_000
    # The catalogue's leaky bucket lets through about twenty searches, then one in 3.6 seconds (#11799); a
    # caller would wait, here it is told 429. 0 is no limit.
    product_searches_at_once: int = 0
    product_search_seconds: float = 3.6
    # How far the Date of the answers stands from the clock.
    date_skew_seconds: float = 0.0

    # "created" answers 201 at once, "accepted" 202 with an operation to be polled.
    offer_creation: str = "accepted"
    # The same for edits: "done" or "accepted"; a change of status is an operation in any case.
    offer_edit: str = "done"
    operation_seconds: float = 2.0
    late_failure: bool = False
    # What a late failure leaves of a new offer: a draft with errors, or nothing (#11874).
    late_failure_draft: str = "stays"
    retry_after_seconds: int = 5
    most_drafts: int = 20_000
    most_active: int = 200_000
    most_for_business: int = 30_000
    most_of_a_product: int = 5
    # How long commands over many offers run, publication apart.
    command_seconds: float = 2.0
    list_lag_seconds: float = 0.0
    # Unused uploads expire; four to six hours were seen (#341, #5016, #12521), a day is the kindest reading.
    upload_hours: float = 24.0

    # Price lists lost `nextItemRate` on 2026-09-29; what a request with it is answered is not published.
    next_item_rate: str = "refused"
    # Two years were demanded for persons; what for companies is not clear from the reports.
    least_corporate_years: int = 1
    # The news speak of a last change in the rows of the list, the OpenAPI file of the single one only.
    list_last_modified: bool = True

    event_delay_seconds: float = 0.0
    # Besides, each event waits at random up to so long: later ids may be seen before earlier ones (#4773).
    event_jitter_seconds: float = 0.0
    # Of every hundred events, so many are never written.
    lost_events_percent: float = 0.0
    # An incident: the journal shows nothing while it lasts.
    silent_journal: bool = False
    missing_bought: bool = False
    doubled_ready: bool = False
    # Nobody outside knows the cap; the sources only say that repeated status changes run into it.
    operations_cap: int = 50
    fulfillment_moves_updated_at: bool = True
    # A GET right after the PUT may still show the status before (#9819).
    fulfillment_lag_seconds: float = 0.0

    # The seller's setting "SENT when a tracking number is added".
    sent_with_waybill: bool = False
    shipments_move_updated_at: bool = True
    # How many orders may carry one number; the figure is not published.
    waybill_orders: int = 10
    invoices_per_order: int = 10
    # 0 is no limit; "metadata sent too fast" is all that is known.
    invoices_per_minute: int = 0
    # Odd empty answers were reported for orders whose buyer asked for no invoice (#12291).
    empty_list_without_wish: bool = False
    invoice_bytes: int = 3 * 1024 * 1024
    invoice_scan_seconds: float = 5.0
    invoice_verdict: str = "ACCEPTED"

    def turn(self, name: str, value: object) -> None:
        """Set one switch; ValueError names what is wrong with it."""
        known = {field.name: getattr(self, field.name) for field in fields(self)}
        if name not in known:
            raise ValueError(f"there is no switch {name}")
        kind = type(known[name])
        if kind is float and isinstance(value, int) and not isinstance(value, bool):
            value = float(value)
        if type(value) is not kind or value not in CHOICES.get(name, (value,)):
            raise ValueError(f"{name} takes {' or '.join(CHOICES.get(name, (kind.__name__,)))}")
        setattr(self, name, value)

    def as_json(self) -> dict[str, object]:
        return {field.name: getattr(self, field.name) for field in fields(self)}
