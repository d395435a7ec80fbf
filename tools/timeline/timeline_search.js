// What lies under the pointer, in words; and the search over everything that has a name.
"use strict";

/** Sentences about a span or a fault: the first is its title. */
function describe(data, kind, item) {
    const at = (time) => `at ${fathom.group(time)}`;
    if (kind === "section") {
        const { begin, length, irqs, what, thread, cpu, place } = data.sections;
        const [name, source] = data.places[place[item]];
        return [`${irqs[item] ? "interrupts" : "preemption"} off for ` +
                `${fathom.group(length[item])} ${data.unit}`,
                `in ${name}  ${source}`, fathom.rules[what[item]],
                `CPU ${cpu[item]}, ${data.nameOf(thread[item])}, ${at(begin[item])}`];
    }
    if (kind === "interrupt") {
        const { begin, length, what, thread, cpu } = data.interrupts;
        return [`${INTERRUPT_NAMES[what[item]] || "unknown"} interrupt, ` +
                `${fathom.group(length[item])} ${data.unit}`,
                `CPU ${cpu[item]}, over ${data.nameOf(thread[item])}, ${at(begin[item])}`];
    }
    if (kind === "fault") {
        const { time, thread, cpu, first, second } = data.faults;
        return [`stack fault of ${data.nameOf(thread[item])}`,
                `page ${second[item]} from the top, address 0xffff` +
                first[item].toString(16).padStart(12, "0"),
                `CPU ${cpu[item]}, ${at(time[item])}`];
    }
    const { begin, length, thread, cpu } = data.runs;
    const stack = data.threads.stack[thread[item]];
    return [`${data.nameOf(thread[item])} runs on CPU ${cpu[item]} for ` +
            `${fathom.group(length[item])} ${data.unit}`,
            data.isIdle(thread[item]) ? "nobody else wants this CPU"
                : (data.isApplication(thread[item]) ? "application thread, lazily populated stack"
                                                    : "kernel thread, populated stack") +
                  (stack ? ` of ${fathom.bytes(stack)}` : ""), at(begin[item])];
}

/** The row at `y` of the tracks, or null. */
function rowAt(rows, y) {
    let low = 0;
    let high = rows.length - 1;
    while (low < high) {
        const middle = (low + high + 1) >> 1;
        if (rows[middle].y <= y) {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    return y >= rows[low].y && y < rows[low].y + rows[low].height ? rows[low] : null;
}

/** The span of a lane nearest to `time`, at most `slack` away; -1 if there is none. */
function spanAt(lane, time, slack) {
    const i = firstOver(lane.end, time - slack);
    if (i >= lane.begin.length || lane.begin[i] > time + slack) {
        return -1;
    }
    const next = i + 1;
    const covers = lane.end[i] >= time;
    return !covers && next < lane.begin.length && lane.begin[next] <= time ? next : i;
}

/** {kind, item} of what is at a place of the tracks, or null. */
function thingAt(row, y, time, slack) {
    if (row === null || row.lanes.length === 0) {
        return null;
    }
    if (row.kind === "thread" && y - row.y > 15) {
        const times = row.faultTimes;
        const after = Math.min(firstOver(times, time), times.length - 1);
        const near = after > 0 && time - times[after - 1] < Math.abs(times[after] - time)
            ? after - 1 : after;
        return near >= 0 && Math.abs(times[near] - time) <= slack * 2
            ? { kind: "fault", item: row.faults[near] } : null;
    }
    const depth = row.kind === "section" ? Math.floor((y - row.y) / ROW.section) : 0;
    const lane = row.lanes[Math.min(depth, row.lanes.length - 1)];
    const i = spanAt(lane, time, slack);
    return i < 0 ? null : { kind: lane.kind, item: lane.item[i] };
}

/** Everything whose name holds all words of `text`: {hits: Set of kind + item, list}, the list in
 *  the order of time; null for an empty text. */
function search(data, layout, text) {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    if (words.length === 0) {
        return null;
    }
    const wanted = (name) => words.every((word) => name.includes(word));
    const list = [];
    const threadNames = data.threads.id.map((_, i) => data.nameOf(i).toLowerCase());
    const rowOfThread = new Map(layout.rows.filter((row) => row.kind === "thread")
                                           .map((row) => [row.thread, row]));
    const rowOfCpu = (kind, cpu) => layout.rows.find((row) => row.kind === kind && row.cpu === cpu);
    const collect = (spans, kind, nameOf, rowOf) => {
        const matches = new Map();
        for (let i = 0; i < spans.begin.length; ++i) {
            const name = nameOf(i);
            if (!matches.has(name)) {
                matches.set(name, wanted(name));
            }
            if (matches.get(name)) {
                list.push({ kind, item: i, begin: spans.begin[i], row: rowOf(i),
                            end: spans.begin[i] + spans.length[i] });
            }
        }
    };
    const { runs, sections, interrupts, faults } = data;
    collect(runs, "onCpu", (i) => `${threadNames[runs.thread[i]]} cpu ${runs.cpu[i]}`,
            (i) => rowOfThread.get(runs.thread[i]) || rowOfCpu("run", runs.cpu[i]));
    collect(sections, "section", (i) => `rule ${sections.what[i]} r${sections.what[i]} ` +
            `${sections.irqs[i] ? "interrupts" : "preemption"} off ` +
            data.places[sections.place[i]].join(" ").toLowerCase(),
            (i) => rowOfCpu("section", sections.cpu[i]));
    collect(interrupts, "interrupt", (i) => `interrupt ${INTERRUPT_NAMES[interrupts.what[i]]}`,
            (i) => rowOfCpu("interrupt", interrupts.cpu[i]));
    if (wanted("stack fault")) {
        faults.time.forEach((time, item) => list.push({ kind: "fault", item, begin: time, end: time,
            row: rowOfThread.get(faults.thread[item]) }));
    }
    list.sort((a, b) => a.begin - b.begin);
    const hits = new Set(list.map((hit) => hit.kind + hit.item));
    for (const hit of list) {
        if (hit.kind === "onCpu") {
            hits.add("run" + hit.item);
        }
    }
    return { hits, list };
}
