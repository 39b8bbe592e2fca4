// Reads an iCalendar file on standard input with ical.js, and says as JSON what a calendar would make of it.
import ICAL from "ical.js";
import { readFileSync } from "node:fs";

const component = new ICAL.Component(ICAL.parse(readFileSync(0, "utf8")));
for (const zone of component.getAllSubcomponents("vtimezone")) ICAL.TimezoneService.register(new ICAL.Timezone(zone));
const [entry, ...others] = component.getAllSubcomponents("vevent");
const event = new ICAL.Event(entry);
console.log(
  JSON.stringify({
    events: 1 + others.length,
    method: component.getFirstPropertyValue("method"),
    uid: event.uid,
    sequence: event.sequence,
    start: event.startDate.toJSDate().toISOString(),
    end: event.endDate.toJSDate().toISOString(),
    zone: entry.getFirstProperty("dtstart").getParameter("tzid"),
    status: entry.getFirstPropertyValue("status"),
    location: event.location,
    summary: event.summary,
    description: event.description,
    organizer: event.organizer,
    attendees: event.attendees.map((each) => each.getFirstValue()),
  }),
);
