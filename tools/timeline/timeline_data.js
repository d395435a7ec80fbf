// From the page's columns of numbers to rows of lanes. A lane holds spans of one row that do not
// overlap, in order, so that what is visible is found by halving.
"use strict";

const INTERRUPT_NAMES = { 1: "timer", 2: "reschedule", 3: "shootdown", 4: "console" };
const ROW = { run: 20, section: 13, interrupt: 11, thread: 36, quiet: 20, gap: 9, heading: 22 };

function sums(steps) {
    const found = new Float64Array(steps.length);
    let sum = 0;
    for (let i = 0; i < steps.length; ++i) {
        sum += steps[i];
        found[i] = sum;
    }
    return found;
}

/** Puts the spans `indices` of `spans` into a lane. */
function laneOf(spans, indices, kind) {
    const begin = Float64Array.from(indices, (i) => spans.begin[i]);
    const end = Float64Array.from(indices, (i) => spans.begin[i] + spans.length[i]);
    return { kind, begin, end, item: Int32Array.from(indices) };
}

/** The first place in `values`, which rise, that is over `limit`. */
function firstOver(values, limit, from = 0) {
    let low = from;
    let high = values.length;
    while (low < high) {
        const middle = (low + high) >> 1;
        if (values[middle] > limit) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return low;
}

/** {key: [indices]} of a column. */
function groupBy(column) {
    const found = new Map();
    for (let i = 0; i < column.length; ++i) {
        const list = found.get(column[i]);
        if (list) {
            list.push(i);
        } else {
            found.set(column[i], [i]);
        }
    }
    return found;
}

/** Decodes what fathom.data("timeline") gave. */
function decode(data) {
    for (const spans of [data.runs, data.sections, data.interrupts]) {
        spans.begin = sums(spans.begin);
    }
    for (const marks of [data.faults, data.wakes, data.refills]) {
        marks.time = sums(marks.time);
    }
    data.isIdle = (thread) => data.threads.id[thread] === 0;
    data.nameOf = (thread) => {
        const name = data.threads.name[thread];
        return data.isIdle(thread) ? "idle" : `${name || "thread"} ${data.threads.id[thread]}`;
    };
    data.isApplication = (thread) => data.threads.application[thread] !== 0;
    return data;
}

function cpuRows(data) {
    const rows = [];
    const runs = groupBy(data.runs.cpu);
    const sections = groupBy(data.sections.cpu);
    const interrupts = groupBy(data.interrupts.cpu);
    for (const { cpu, lost, first } of data.cpus) {
        const missing = lost > 0 ? first : 0;
        rows.push({ kind: "run", cpu, label: `CPU ${cpu}`, height: ROW.run, missing,
                    note: lost > 0 ? `${fathom.group(lost)} lost` : "",
                    lanes: [laneOf(data.runs, runs.get(cpu) || [], "run")] });
        const mine = sections.get(cpu) || [];
        const depths = Math.max(1, ...new Set(mine.map((i) => data.sections.depth[i] + 1)));
        const lanes = [];
        for (let depth = 0; depth < depths; ++depth) {
            lanes.push(laneOf(data.sections, mine.filter((i) => data.sections.depth[i] === depth),
                              "section"));
        }
        rows.push({ kind: "section", cpu, label: "  sections", missing, lanes,
                    height: ROW.section * lanes.length });
        rows.push({ kind: "interrupt", cpu, label: "  interrupts", missing,
                    height: ROW.interrupt + ROW.gap,
                    lanes: [laneOf(data.interrupts, interrupts.get(cpu) || [], "interrupt")] });
    }
    return rows;
}

function threadRows(data) {
    const rows = [];
    const runs = groupBy(data.runs.thread);
    const faults = groupBy(data.faults.thread);
    data.mostPages = 1;
    for (let thread = 0; thread < data.threads.id.length; ++thread) {
        if (data.isIdle(thread)) {
            continue;
        }
        const mine = faults.get(thread) || [];
        const pages = mine.length + 1;
        data.mostPages = Math.max(data.mostPages, pages);
        rows.push({ kind: "thread", thread, label: data.nameOf(thread),
                    height: mine.length ? ROW.thread : ROW.quiet,
                    note: mine.length ? `${pages} pages` : "", faults: Int32Array.from(mine),
                    faultTimes: Float64Array.from(mine, (i) => data.faults.time[i]),
                    lanes: [laneOf(data.runs, runs.get(thread) || [], "onCpu")] });
    }
    return rows;
}

/** All rows from the top down, each with its y. */
function layOut(data) {
    const threads = threadRows(data);
    const rows = [{ kind: "heading", label: "CPUs", height: ROW.heading, lanes: [] },
                  ...cpuRows(data),
                  { kind: "heading", label: `${threads.length} threads`, height: ROW.heading,
                    lanes: [] }, ...threads];
    let y = 0;
    for (const row of rows) {
        row.y = y;
        y += row.height;
    }
    return { rows, height: y + 8 };
}

/** A number of steps, short: 812, 81.2 k, 8.124 M; as exact as `step` asks for. */
function formatTime(time, step = 1) {
    if (step < 1000 || time === 0) {
        return fathom.group(time);
    }
    const million = Math.abs(time) >= 1e6 || step >= 1e5;
    const scale = million ? 1e6 : 1e3;
    const digits = Math.max(0, Math.ceil(Math.log10(scale / step) - 1e-9));
    return (time / scale).toFixed(digits) + (million ? " M" : " k");
}
