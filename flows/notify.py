"""Be told of failed and crashed runs: `python -m flows.notify slack`, which asks for the address of the webhook.

It makes an automation of Prefect's own on the server of PREFECT_API_URL; the address is kept in an encrypted block.
Automations page: pause it, change its message, or let it do something else.
"""

from __future__ import annotations

import argparse
import asyncio
import getpass
import sys
from contextlib import suppress

from prefect.automations import Automation, EventTrigger, Posture, ResourceSpecification, SendNotification
from prefect.blocks.notifications import (
    CustomWebhookNotificationBlock,
    MicrosoftTeamsWebhook,
    SlackWebhook,
)
from pydantic import SecretStr

from flows.cli import plain_errors

NAME = "metal-failures"
"""Of the automation and of its block; made again, they replace what was there."""
FLOW = "metal"
SUBJECT = "{{ flow.name }} {{ flow_run.state.name | lower }}: {{ flow_run.name }}"
BODY = "{{ flow_run.state.message }}\n{{ flow_run|ui_url }}"
KINDS = ("slack", "teams", "webhook")


def block(kind: str, address: str) -> SlackWebhook | MicrosoftTeamsWebhook | CustomWebhookNotificationBlock:
    """Return the block that sends messages to an address; "webhook" posts `{"subject": ..., "body": ...}` as JSON."""
    if kind == "slack":
        return SlackWebhook(url=SecretStr(address))
    if kind == "teams":
        return MicrosoftTeamsWebhook(url=SecretStr(address))
    message = {"subject": "{{subject}}", "body": "{{body}}"}
    content = {"name": NAME, "url": "{{address}}", "secrets": {"address": address}, "json_data": message}
    return CustomWebhookNotificationBlock.model_validate(content)


async def notify(kind: str, address: str) -> None:
    """Make the automation, in place of an earlier one."""
    identifier = await block(kind, address).asave(NAME, overwrite=True)
    with suppress(ValueError):  # there is none of the name
        await (await Automation.aread(name=NAME)).adelete()
    trigger = EventTrigger(
        expect={"prefect.flow-run.Failed", "prefect.flow-run.Crashed"},
        match=ResourceSpecification({"prefect.resource.id": "prefect.flow-run.*"}),
        match_related=ResourceSpecification({"prefect.resource.role": "flow", "prefect.resource.name": FLOW}),
        posture=Posture.Reactive,
        threshold=1,
    )
    send = SendNotification(block_document_id=identifier, subject=SUBJECT, body=BODY)
    about = "Tells of runs that failed or crashed."
    await Automation(name=NAME, description=about, trigger=trigger, actions=[send]).acreate()


def main() -> None:
    """Make the automation of the command line."""
    parser = argparse.ArgumentParser(prog="python -m flows.notify", description="Be told of failed and crashed runs.")
    parser.add_argument("kind", choices=KINDS, help="what takes the message; webhook: any address that takes JSON")
    arguments = parser.parse_args()
    with plain_errors():
        address = getpass.getpass("address of the webhook: ") if sys.stdin.isatty() else sys.stdin.readline().strip()
        asyncio.run(notify(arguments.kind, address))
        print(f"automation {NAME!r}: failed and crashed runs of {FLOW!r} are told to {arguments.kind}")


if __name__ == "__main__":
    main()
