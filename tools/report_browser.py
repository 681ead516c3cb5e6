#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Opens report.html in headless Chromium, as a reader would, through chromedriver's WebDriver.

  tools/report_browser.py check FILE...          looks at each at 360 and 1600 pixels, light and dark: no word on the
                                                 console, nothing fetched, every figure drawn, nothing wider than the
                                                 page, no text of a figure outside of it; every button saves; the
                                                 same after the choices that a page offers, each of which stays
                                                 chosen; time axes zoom, a colour has one meaning, and the contents
                                                 list every figure; of a sweep, what its axes and tables show
  tools/report_browser.py picture FILE OUT.png [--width N] [--dark] [--of SELECTOR] [--height N]
"""
import argparse
import base64
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars",
         "--disable-background-networking", "--disable-component-update", "--disable-sync"]


class Browser:
    home = driver = session = None

    def __enter__(self):
        try:
            return self.start()
        except BaseException:
            self.__exit__()
            raise

    def start(self):
        for program in "chromedriver", "chromium":
            if not shutil.which(program):
                sys.exit(f"{program} is missing: tools/bootstrap.sh --tests installs it")
        self.home = tempfile.mkdtemp(prefix="sfe-browser-")
        self.driver = subprocess.Popen(["chromedriver", "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                       text=True, start_new_session=True, env={**os.environ, "TMPDIR": self.home})
        for line in self.driver.stdout:  # it says which port it took
            if "successfully on port" in line:
                self.base = f"http://127.0.0.1:{line.rsplit(' ', 1)[1].strip().rstrip('.')}"
                break
        else:
            sys.exit("chromedriver ended before it listened")
        options = {"binary": shutil.which("chromium"), "args": FLAGS + [f"--user-data-dir={self.home}/profile"]}
        capabilities = {"browserName": "chrome", "goog:chromeOptions": options,
                        "goog:loggingPrefs": {"browser": "ALL"}}
        self.session = "/session/" + self.call("POST", "/session", {"capabilities": {"alwaysMatch": capabilities}})["sessionId"]
        return self

    def __exit__(self, *_):
        try:
            if self.session:
                self.call("DELETE", self.session)
        finally:
            if self.driver:
                os.killpg(self.driver.pid, signal.SIGKILL)
                self.driver.wait()
            if self.home:
                shutil.rmtree(self.home, ignore_errors=True)

    def call(self, method, path, body=None):
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(self.base + path, data, {"Content-Type": "application/json"}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as e:
            sys.exit(f"chromedriver: {json.load(e)['value']['message']}")

    def cdp(self, command, **params):
        return self.call("POST", self.session + "/goog/cdp/execute", {"cmd": command, "params": params})

    def run(self, script, *arguments):
        return self.call("POST", self.session + "/execute/sync", {"script": script, "args": list(arguments)})

    def open(self, file, width, dark, height=900):
        self.cdp("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        self.cdp("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])
        self.call("POST", self.session + "/url", {"url": "file://" + os.path.abspath(file)})
        for _ in range(100):
            if self.run("return document.documentElement.dataset.ready === 'yes'"):
                return
            time.sleep(0.1)
        sys.exit(f"{file}: the page's script did not come to its end: {self.console()}")

    def console(self):
        return [e["message"] for e in self.call("POST", self.session + "/se/log", {"type": "browser"})]


# What is wrong with the page as it is shown now, one line each.
LOOK = r"""
const wrong = [], root = document.documentElement;
if (root.scrollWidth > innerWidth) wrong.push(`the page is ${root.scrollWidth} pixels wide in a window of ${innerWidth}`);
const fetched = performance.getEntriesByType('resource').filter(e => !/^(data|blob):/.test(e.name));
for (const e of fetched) wrong.push(`it fetches ${e.name}`);
for (const id of sfemu.figures) {
	const svg = document.querySelector(`#${CSS.escape(id)} .plot > svg`);
	if (!svg) { wrong.push(`${id}: nothing is drawn`); continue; }
	const box = svg.getBoundingClientRect(), frame = document.getElementById(id).getBoundingClientRect();
	if (box.width < 200 || box.height < 40) wrong.push(`${id}: only ${box.width} x ${box.height} pixels`);
	if (!svg.querySelector('path, rect, line, circle')) wrong.push(`${id}: it has no marks`);
	if (svg.outerHTML.includes('NaN')) wrong.push(`${id}: a coordinate is not a number`);
	if (!svg.getAttribute('aria-label')) wrong.push(`${id}: no words for who does not see it`);
	for (const text of svg.querySelectorAll('text')) {
		const t = text.getBoundingClientRect();
		if (t.width && (t.left < frame.left - 1 || t.right > frame.right + 1)) wrong.push(`${id}: '${text.textContent}' is outside`);
	}
	/* Axis labels of one axis may not lie on each other. */
	for (const axis of svg.querySelectorAll('[aria-label$="axis tick label"]')) {
		const boxes = [...axis.querySelectorAll('text')].map(t => [t.getBoundingClientRect(), t.textContent]);
		boxes.forEach(([a, x], i) => { for (const [b, y] of boxes.slice(i + 1))
			if (a.width && b.width && a.left + 1 < b.right && b.left + 1 < a.right && a.top + 3 < b.bottom && b.top + 3 < a.bottom)
				wrong.push(`${id}: '${x}' and '${y}' lie on each other`); });
	}
}
return [sfemu.figures.length, wrong];
"""

# What every button saves: [figure, kind, text].
SAVE = r"""
const saved = [];
sfemu.save = (text, type, name) => saved.push([name, type, text]);
for (const button of document.querySelectorAll('button[data-save]')) button.click();
for (const details of document.querySelectorAll('figure details')) details.open = true;
return saved;
"""


# Each time axis is drawn again of a part, by a button and by dragging, and as before when all of it is asked for.
ZOOM = r"""
const wrong = [], figures = [...document.querySelectorAll('figure')].filter(f => f.querySelector('.plot.time'));
const picture = f => f.querySelector('.plot > svg').innerHTML.replace(/plot-[a-z]+-[0-9]+/g, '');  /* names of clips are new each time */
for (const f of figures) {
	const press = words => f.querySelector(`[data-time="${words}"]`).click(), before = picture(f);
	const changes = (how, words) => { how(); if (picture(f) === before) wrong.push(`${f.id}: ${words} does not change it`); };
	const again = () => { press('all of the time'); if (picture(f) !== before) wrong.push(`${f.id}: it is another picture with all of the time`); };
	changes(() => press('zoom in on time'), 'a button');
	changes(() => press('later'), 'another button');
	again();
	const plot = f.querySelector('.plot'), box = plot.querySelector('svg').getBoundingClientRect();
	plot.setPointerCapture = () => {};
	const at = (name, share) => plot.dispatchEvent(new PointerEvent(name, {clientX: box.left + share * box.width, clientY: box.top + 60, button: 0, pointerId: 1, bubbles: true}));
	changes(() => { at('pointerdown', 0.5); at('pointermove', 0.6); at('pointerup', 0.7); }, 'dragging');
	again();
}
/* One colour has one meaning: no two names of colours have the same. */
const style = getComputedStyle(document.documentElement), seen = new Map();
for (const [role, n] of [['c', sfemu.order.length], ['p', 16], ['t', 5], ['l', 5], ['e', 3]]) for (let i = 0; i < n; i++) {
	const color = style.getPropertyValue(`--${role}${i}`).trim();
	if (!color || seen.has(color)) wrong.push(`--${role}${i} is ${color || 'no colour'}, as ${seen.get(color)}`);
	seen.set(color, `--${role}${i}`);
}
/* No two strategies look the same, on this page and on one with as many as a run can have; a built-in one looks the same on each. */
const own = sfemu.strategies, look = s => { const {color, dash, symbol} = sfemu.look(s); return JSON.stringify([color, dash, sfemu.symbols.indexOf(symbol)]); };
const many = [...d3.range(55).map(i => `StateLocal(${i})`), ...sfemu.order], alone = sfemu.order.map(s => { sfemu.strategies = [s]; return look(s); });
for (const names of [own, many, ['StateLocal(fetch=parallel)', 'PureFaaS', 'StateLocal', 'Adaptive']]) {
	sfemu.strategies = names;
	if (new Set(names.map(look)).size !== names.length) wrong.push(`of ${names.length} strategies some look the same`);
	if (names.length <= sfemu.order.length && new Set(names.map(s => sfemu.look(s).color)).size !== names.length) wrong.push(`of ${names.length} strategies some have the same colour`);
	for (const s of names) if (sfemu.order.includes(s) && look(s) !== alone[sfemu.order.indexOf(s)]) wrong.push(`${s} has another look on another page`);
}
sfemu.strategies = own;
const listed = document.querySelectorAll('nav.contents a[href^="#"]');
for (const a of listed) if (!document.getElementById(a.getAttribute('href').slice(1))) wrong.push(`${a.textContent}: the list of contents leads nowhere`);
/* Of a run's page; a sweep's has no list. */
if (sfemu.contents) for (const f of document.querySelectorAll('main > section figure')) if (![...listed].some(a => a.getAttribute('href') === `#${f.id}`)) wrong.push(`${f.id}: it is not in the list of contents`);
return [figures.length, wrong];
"""

# Of a sweep's page, over each axis: shares end at 100 %, names have no lines between them, what cannot be compared is not
# offered, and data tables name the grid's values.
SWEEP = r"""
const wrong = [], get = id => document.getElementById(id), offered = s => [...s.options].filter(o => !o.disabled).map(o => o.value);
const choose = (select, value) => { get(select).value = value; get(select).dispatchEvent(new Event('change')); };
if (!get('choice-over')) return wrong;
const raw = JSON.parse(get('data').textContent), grid = raw.axes.map(a => a.name);
for (const over of offered(get('choice-over'))) {
	choose('choice-over', over);
	for (const text of document.querySelectorAll('#value-done_share svg [aria-label="y-axis tick label"] text'))
		if (parseFloat(text.textContent) > 100) wrong.push(`${over}: a share of ${text.textContent}`);
	const axis = over.startsWith('axis-') ? raw.axes[Number(over.slice(5))] : null;
	const lines = document.querySelectorAll('#value-mean_s svg [aria-label="line"] path').length, named = axis && axis.values.some(v => !/^[0-9]/.test(v));
	if (get('value-mean_s') && !lines !== !!named) wrong.push(`${over}: ${lines} lines`);
	/* No size of a few is without its name, also on a narrow screen. */
	const sizes = new Set(raw.points.rows.filter(r => r[1] === over).map(r => r[2])).size, ticks = document.querySelectorAll('#value-mean_s svg [aria-label="x-axis tick label"] text').length;
	if (sizes && sizes < 8 && ticks < sizes) wrong.push(`${over}: ${ticks} names of ${sizes} sizes`);
	for (const figure of get('choice-figure') ? offered(get('choice-figure')) : []) {
		choose('choice-figure', figure);
		if (!get('difference')) wrong.push(`${over}: '${figure}' is offered, and nothing compares it`);
	}
	const saved = [], save = sfemu.save;
	sfemu.save = (text, type, name) => saved.push([name, text.split('\n')[0]]);
	for (const button of document.querySelectorAll('button[data-save="csv"]')) button.click();
	sfemu.save = save;
	for (const [name, head] of saved) if (!head.startsWith([...grid, 'by'].map(n => /[",]/.test(n) ? `"${n.replaceAll('"', '""')}"` : n).join(','))) wrong.push(`${over}: ${name} begins with ${head}`);
}
const size = ['chain', 'states'].find(id => [...get('choice-over').options].some(o => o.value === id));
if (size && raw.strategies.length > 1) {
	choose('choice-over', size);
	if (get('choice-figure').querySelector('[value="wire_bytes"]')?.disabled === false) wrong.push('bytes on the wire are offered by size');
}
return wrong;
"""

MOST_CHOICES = 6  # of one list, as a list of jobs is long

CHOICES = "return [...document.querySelectorAll('.choices select')].map(s => [s.id, [...s.options].filter(o => !o.disabled).map(o => o.value)])"
CHOOSE = r"""
const [id, value] = arguments, select = document.getElementById(id);
if (!select) return false;
select.value = value;
select.dispatchEvent(new Event('change'));
return true;
"""


def choose(browser):
    """What is wrong after each choice: one after the other, each back to what it was."""
    wrong, tried = [], 0
    for select, values in browser.run(CHOICES):
        values = values if len(values) <= MOST_CHOICES or not select.startswith("job-") else values[:: -(-len(values) // MOST_CHOICES)]
        for value in values + values[:1]:
            if not browser.run(CHOOSE, select, value):
                wrong.append(f"{select}: it is gone")
                continue
            tried += 1
            now = browser.run("return document.getElementById(arguments[0])?.value", select)
            if now != value:
                wrong.append(f"{select}: '{value}' is chosen, and '{now}' is shown")
            wrong += [f"{select} {value}: {w}" for w in browser.run(LOOK)[1]]
    return tried, wrong


def check(files):
    failures = 0
    with Browser() as browser:
        for file in files:
            for width in 360, 1600:
                for dark in False, True:
                    browser.console()
                    browser.open(file, width, dark)
                    figures, wrong = browser.run(LOOK)
                    tried, wrong_then = choose(browser)
                    wrong += wrong_then
                    wrong += browser.run(SWEEP)
                    figures = browser.run("return sfemu.figures.length") if tried else figures
                    axes, wrong_then = browser.run(ZOOM)
                    wrong += wrong_then
                    saved = browser.run(SAVE)
                    for name, kind, text in saved:
                        if kind == "image/svg+xml" and ("var(" in text or "<svg" not in text):
                            wrong.append(f"{name}: the saved picture does not stand alone")
                        if kind == "text/csv" and text.count("\n") < 2:
                            wrong.append(f"{name}: there is no row in it")
                    if len([s for s in saved if s[1] == "image/svg+xml"]) != figures:
                        wrong.append("not every figure can be saved")
                    wrong += [f"console: {m}" for m in browser.console()]
                    where = f"{file}, {width} pixels, {'dark' if dark else 'light'}"
                    print(f"{where}: {figures} figures" + (f", {tried} choices" if tried else "") + (f", {axes} time axes" if axes else "") + ("" if not wrong else ", WRONG"))
                    for line in sorted(set(wrong))[:40]:
                        print(f"  {line}")
                    failures += len(wrong)
    return 1 if failures else 0


def picture(options):
    with Browser() as browser:
        browser.open(options.file, options.width, options.dark)
        time.sleep(0.3)
        clip = browser.run("const b = document.querySelector(arguments[0]).getBoundingClientRect();"
                           "return [b.left + scrollX, b.top + scrollY, b.width, b.height]", options.of)
        height = min(clip[3], options.height) if options.height else clip[3]
        shot = browser.cdp("Page.captureScreenshot", captureBeyondViewport=True,
                           clip={"x": clip[0], "y": clip[1], "width": clip[2], "height": height, "scale": 1})
        with open(options.out, "wb") as out:
            out.write(base64.b64decode(shot["data"]))
    return 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("check").add_argument("files", nargs="+")
    p = verbs.add_parser("picture")
    p.add_argument("file")
    p.add_argument("out")
    p.add_argument("--width", type=int, default=1280)
    p.add_argument("--height", type=int, default=0)
    p.add_argument("--dark", action="store_true")
    p.add_argument("--of", default="body")
    options = parser.parse_args()
    return check(options.files) if options.verb == "check" else picture(options)


if __name__ == "__main__":
    sys.exit(main())
