// The memory map: sums, stacks as strips, frames as a picture of pixels, regions as a table.
"use strict";

const SVG = "http://www.w3.org/2000/svg";
const LABEL = 132;      // pixels of an SVG's row before its strip
const STRIP = 560;      // and of the longest strip
const PITCH = 15;
const ROW_FRAMES = 128;
const USE_COLORS = ["accent", "kernel-thread", "rule-3", "rule-4", "interrupt", "idle", "rule-5",
                    "line"];

function element(name, attributes = {}, text = "") {
    const made = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) {
        made.setAttribute(key, value);
    }
    made.textContent = text;
    return made;
}

function cell(row, text, kind = "td", number = false) {
    const made = row.appendChild(document.createElement(kind));
    made.textContent = text;
    made.className = number ? "number" : "";
    return made;
}

function table(id, headings) {
    const made = document.getElementById(id);
    const row = made.appendChild(document.createElement("tr"));
    headings.forEach((text, i) => cell(row, text, "th", i > 0));
    return made;
}

function writeSums(memory) {
    const made = table("sums", ["application threads' stacks",
                                ...memory.machines.map((m) => m.label)]);
    const rows = [["threads", (m) => fathom.group(m.threads)],
                  ["promised", (m) => fathom.bytes(m.promised * 4096)],
                  ["with memory behind it", (m) => fathom.bytes(m.populated * 4096)],
                  ["pages for each thread, on average",
                   (m) => (m.populated / Math.max(1, m.threads)).toFixed(1)]];
    for (const [name, value] of rows) {
        const row = made.appendChild(document.createElement("tr"));
        cell(row, name);
        memory.machines.forEach((machine) => cell(row, value(machine), "td", true));
    }
}

function side(parent, title) {
    const made = parent.appendChild(document.createElement("section"));
    made.className = "side";
    made.appendChild(document.createElement("h3")).textContent = title;
    return made;
}

/** One stack as a strip: absent pages below, populated runs on top, page lines if there is room. */
function strip(svg, stack, y, scale) {
    const height = PITCH - 4;
    const width = stack.pages * scale;
    const count = stack.populated.reduce((sum, [, pages]) => sum + pages, 0);
    const name = `${stack.name} ${stack.thread}`;
    svg.append(element("text", { x: 0, y: y + height - 1.5, class: "strong" }, name.slice(0, 15)),
               element("text", { x: LABEL - 8, y: y + height - 1.5, "text-anchor": "end" }, count));
    const hint = `${name}, ${stack.application ? "application" : "kernel"} thread, top ${stack.top}`;
    svg.append(element("rect", { x: LABEL, y, width, height, class: "strip-absent",
        "data-hint": `${hint}\n${count} of ${stack.pages} pages populated` }));
    for (const [first, pages] of stack.populated) {
        const which = pages === 1 ? `page ${first}` : `pages ${first} to ${first + pages - 1}`;
        svg.append(element("rect", {
            x: LABEL + first * scale, y, width: pages * scale, height,
            class: stack.application ? "strip-populated" : "strip-kernel",
            "data-hint": `${hint}\n${which} from the top: populated` }));
    }
    svg.append(element("rect", { x: LABEL + width, y, width: scale, height, fill: "none",
        stroke: "var(--ink-3)", "stroke-width": 0.5, "stroke-dasharray": "1.5 1",
        "data-hint": `${hint}\nfor prefaults only` }));
    svg.append(element("rect", { x: LABEL + width + scale, y, width: 12, height,
        fill: "url(#gap)", "data-hint": `${hint}\n64 KiB gap, never mapped` }));
}

function drawStacks(parent, machine, longest) {
    const box = side(parent, machine.label);
    const scale = STRIP / (longest + 1);
    const height = machine.stacks.length * PITCH + 22;
    const svg = box.appendChild(element("svg", {
        viewBox: `0 0 ${LABEL + STRIP + 14} ${height}`, role: "img",
        "aria-label": `stacks of ${machine.label}` }));
    const pattern = element("pattern", { id: "gap", width: 5, height: 5,
        patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" });
    pattern.append(element("rect", { width: 2, height: 5, fill: "var(--line)" }));
    svg.append(pattern);
    machine.stacks.forEach((stack, i) => strip(svg, stack, 18 + i * PITCH, scale));
    const step = [1, 4, 16, 64, 256, 1024].find((pages) => pages * scale > 55) || 4096;
    for (let page = 0; page <= longest; page += step) {
        const x = LABEL + page * scale;
        svg.append(element("line", { x1: x, x2: x, y1: 13, y2: height, class: "strip-cells" }),
                   element("text", { x, y: 9, "text-anchor": page ? "middle" : "start" },
                           page ? page : "page 0"));
    }
    if (machine.hidden > 0) {
        box.append(`and ${fathom.group(machine.hidden)} more`);
    }
}

/** Frames as pixels; `only` (a use) stands out alone. */
function paintFrames(canvas, machine, only = -1) {
    const total = machine.frames.reduce((sum, [, count]) => sum + count, 0);
    canvas.width = ROW_FRAMES;
    canvas.height = Math.ceil(total / ROW_FRAMES);
    const context = canvas.getContext("2d");
    const colors = USE_COLORS.map((name) => fathom.color(name));
    let frame = 0;
    for (const [use, count] of machine.frames) {
        context.globalAlpha = only < 0 || only === use ? 1 : 0.15;
        context.fillStyle = colors[use];
        for (let done = 0; done < count;) {
            const column = (frame + done) % ROW_FRAMES;
            const part = Math.min(count - done, ROW_FRAMES - column);
            context.fillRect(column, Math.floor((frame + done) / ROW_FRAMES), part, 1);
            done += part;
        }
        frame += count;
    }
    context.globalAlpha = 1;
}

function useAt(machine, frame) {
    let sum = 0;
    for (const [use, count] of machine.frames) {
        sum += count;
        if (frame < sum) {
            return use;
        }
    }
    return -1;
}

function drawPhysical(parent, memory, machine) {
    const box = side(parent, machine.label);
    box.className = "side physical";
    box.querySelector("h3").style.flexBasis = "100%";
    const canvas = box.appendChild(document.createElement("canvas"));
    canvas.className = "frames";
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", "frames by use; the table beside it has the numbers");
    const paint = (only) => paintFrames(canvas, machine, only);
    paint();
    document.addEventListener("fathom-theme", () => paint());
    canvas.addEventListener("pointermove", (event) => {
        const row = Math.floor(event.offsetY / canvas.clientHeight * canvas.height);
        const column = Math.floor(event.offsetX / canvas.clientWidth * ROW_FRAMES);
        const frame = row * ROW_FRAMES + column;
        const use = useAt(machine, frame);
        fathom.tooltip(use < 0 ? "" : `0x${(machine.ramBase + frame * 4096).toString(16)}: ` +
                       memory.uses[use], event.clientX, event.clientY);
    });
    canvas.addEventListener("pointerleave", () => fathom.tooltip(""));
    const counts = memory.uses.map(() => 0);
    machine.frames.forEach(([use, count]) => { counts[use] += count; });
    const made = box.appendChild(document.createElement("table"));
    memory.uses.forEach((name, use) => {
        const row = made.appendChild(document.createElement("tr"));
        row.dataset.use = use;
        row.tabIndex = 0;
        cell(row, "").innerHTML =
            `<i class="swatch" style="background:var(--${USE_COLORS[use]})"></i>`;
        cell(row, name);
        cell(row, fathom.group(counts[use]), "td", true);
        cell(row, fathom.bytes(counts[use] * 4096), "td", true);
        for (const [event, only] of [["pointerenter", use], ["focus", use], ["pointerleave", -1],
                                     ["blur", -1]]) {
            row.addEventListener(event, () => paint(only));
        }
    });
}

function writeVirtual(memory) {
    const made = table("virtual", ["from", ""]);
    const head = made.querySelector("tr");
    head.children[1].className = "";
    memory.machines.forEach((machine) => cell(head, `mapped, ${machine.label}`, "th"));
    const most = Math.max(...memory.machines.flatMap((machine) =>
        machine.regions.slice(1).map((region) => region.mapped)));
    for (let i = memory.machines[0].regions.length - 1; i >= 0; --i) {
        const row = made.appendChild(document.createElement("tr"));
        const { begin, name } = memory.machines[0].regions[i];
        cell(row, begin).className = "mono";
        cell(row, name);
        for (const machine of memory.machines) {
            const { mapped } = machine.regions[i];
            const shown = cell(row, fathom.bytes(mapped));
            if (i > 0 && mapped > 0) {
                const bar = shown.appendChild(document.createElement("span"));
                bar.className = "bar-cell";
                bar.style.width = Math.max(2, 140 * mapped / most) + "px";
            }
        }
    }
}

let memoryMap = null;
fathom.data("memory").then((memory) => {
    writeSums(memory);
    const stacks = document.getElementById("stacks");
    const longest = Math.max(1, ...memory.machines.flatMap((machine) =>
        machine.stacks.map((stack) => stack.pages)));
    memory.machines.forEach((machine) => drawStacks(stacks, machine, longest));
    const physical = document.getElementById("physical");
    memory.machines.forEach((machine) => drawPhysical(physical, memory, machine));
    writeVirtual(memory);
    memoryMap = memory;
});
