"""A receipt by the names of W3C's Data Privacy Vocabulary (DPV), after its guide to ISO/IEC TS 27560.

README, "Receipts", explains each name. Conformity with either is not claimed.
"""

from datetime import UTC, datetime
from typing import Any

from relay.network.receipts import ConsentEnd, Receipt, ReceiptEntry, ReceiptParty
from relay.trust.receipt_keys import PATH

CONTEXT = {
    "dct": "http://purl.org/dc/terms/",
    "dpv": "https://w3id.org/dpv#",
    "loc": "https://w3id.org/dpv/loc#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "relay": "urn:relay:receipt:",
}
"""What the prefixes of names mean; those of `relay` are our own."""
ENDS = {
    ConsentEnd.WITHDRAWN: "dpv:ConsentWithdrawn",
    ConsentEnd.REVOKED: "dpv:ConsentRevoked",
    ConsentEnd.EXPIRED: "dpv:ConsentExpired",
}


def written(receipt: Receipt, base_url: str) -> dict[str, Any]:
    """Return the receipt by the names of DPV; what is not known is left out."""
    operator = receipt.operator
    controller = {
        "@type": "dpv:DataController",
        "dpv:hasName": operator.operator_name,
        "dpv:hasAddress": operator.operator_address,
        "dpv:hasContact": operator.operator_contact,
    }
    subject = {"@type": "dpv:DataSubject", "dct:identifier": receipt.reference}
    return {
        "@context": CONTEXT,
        "@type": "dpv:ConsentReceipt",
        "dct:created": _moment(receipt.made_at),
        "dct:identifier": f"urn:uuid:{receipt.number}",
        "dct:publisher": controller | {"relay:keys": f"{base_url}{PATH}"},
        "dpv:hasDataSubject": subject,
        "dpv:hasRecordOfActivity": [
            _record(each) | {"dpv:hasDataController": controller, "dpv:hasConsentControl": _control(base_url)}
            for each in receipt.entries
        ],
    }


def _record(entry: ReceiptEntry) -> dict[str, Any]:
    record = {
        "@type": "dpv:ConsentRecord",
        "dct:identifier": entry.number,
        "dpv:hasRecipient": _party(entry.recipient),
        "relay:via": _party(entry.via),
        "dpv:hasJurisdiction": "loc:JP",
        "dpv:hasLegalBasis": "dpv:ExpressedConsent",
        "dpv:hasPurpose": entry.purpose.split() if " " in entry.purpose else entry.purpose,
        "dpv:hasPersonalData": [
            {"dct:identifier": each.code, "dct:title": each.label, "rdf:value": each.value} for each in entry.items
        ],
        "dpv:hasNotice": {
            "@type": "dpv:ConsentNotice",
            "dct:description": entry.words,
            "dct:hasVersion": entry.version,
            "dct:language": entry.locale,
            "relay:sha256": entry.words_hash,
        },
        "dpv:hasConsentStatus": _statuses(entry),
    }
    return record | ({"dct:valid": _moment(entry.until)} if entry.until else {})


def _statuses(entry: ReceiptEntry) -> list[dict[str, str]]:
    given = {
        "@type": "dpv:ConsentGiven",
        "dpv:isIndicatedAtTime": _moment(entry.given_at),
        "dpv:isIndicatedBy": "dpv:DataSubject",
    }
    if entry.end is None or entry.ended_at is None:
        return [given]
    ended = {"@type": ENDS[entry.end], "dpv:isIndicatedAtTime": _moment(entry.ended_at)}
    by_person = {"dpv:isIndicatedBy": "dpv:DataSubject"} if entry.end is ConsentEnd.WITHDRAWN else {}
    return [given, ended | by_person]


def _party(party: ReceiptParty) -> dict[str, Any]:
    known = {
        "dpv:hasName": party.name,
        "dpv:hasAddress": party.address,
        "dpv:hasRepresentative": party.representative,
        "dpv:hasIdentifier": [each for each in (party.corporate_number, party.license_number) if each],
    }
    return {name: value for name, value in known.items() if value}


def _control(base_url: str) -> dict[str, str]:
    return {"@type": "dpv:WithdrawConsent", "dpv:isExercisedAt": f"{base_url}/me"}


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
