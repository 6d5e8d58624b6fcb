"""Makes the part of ECharts that the pages use, and their letters, anew; the results are in git.

    python scripts/bundle_charts.py            the charts; needs node and npm
    python scripts/bundle_charts.py --letters  Figtree as WOFF2; needs fonttools[woff]

Only after a change of what is used: nothing of this happens on a machine that runs Hymio.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENDOR = ROOT / "headoffice" / "static" / "vendor"
ECHARTS, ESBUILD = "6.1.0", "0.28.2"
ENTRY = """
import { init, use } from "echarts/core";
import { BarChart, LineChart } from "echarts/charts";
import {
  DataZoomInsideComponent, GridComponent, LegendPlainComponent, MarkAreaComponent,
  MarkLineComponent, TooltipComponent,
} from "echarts/components";
import { LabelLayout } from "echarts/features";
import { CanvasRenderer } from "echarts/renderers";
use([
  BarChart, LineChart, DataZoomInsideComponent, GridComponent, LegendPlainComponent,
  MarkAreaComponent, MarkLineComponent, TooltipComponent, LabelLayout, CanvasRenderer,
]);
export { init };
"""
"""What charts.js draws with; more is a line here and a new bundle."""
BANNER = f"/*! Apache ECharts {ECHARTS}, what Hymio uses of it; see echarts-LICENSE.txt */"
LETTERS = (
    "U+0000-024F,U+02C6-02DD,U+0300-0304,U+0306-030C,U+0312,U+0326-0328,U+2000-209F,"
    "U+20A0-20BF,U+2100-22FF,U+25A0-26FF,U+2713,U+FB00-FB06"
)
"""Those of the seven languages and their neighbours; of others the system has letters."""


def bundle() -> None:
    """Fetch ECharts by its name, take what is used, and put its licences beside it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "package.json").write_text('{"private": true}')
        (folder / "entry.js").write_text(ENTRY)
        packages = [f"echarts@{ECHARTS}", f"esbuild@{ESBUILD}"]
        quiet = ["--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts"]
        subprocess.run(["npm", "install", *quiet, *packages], cwd=folder, check=True)
        target = VENDOR / f"echarts-{ECHARTS}.charts.min.js"
        options = ["--bundle", "--minify", "--format=iife", "--global-name=echarts"]
        options += ["--target=es2020", "--legal-comments=none", f"--banner:js={BANNER}"]
        command = ["node_modules/.bin/esbuild", "entry.js", *options, f"--outfile={target}"]
        subprocess.run(command, cwd=folder, check=True)
        modules = folder / "node_modules"
        texts = [(modules / "echarts" / "LICENSE").read_text("utf-8")]
        for part, file in (
            ("d3", "echarts/licenses/LICENSE-d3"),
            ("zrender", "zrender/LICENSE"),
            ("tslib", "tslib/LICENSE.txt"),
        ):
            text = (modules / file).read_text("utf-8")
            texts.append(f"--- {part}\n{text}")
        notice = (modules / "echarts" / "NOTICE").read_text("utf-8")
        texts.insert(1, f"--- NOTICE\n{notice}")
        (VENDOR / "echarts-LICENSE.txt").write_text("\n".join(t.rstrip() + "\n" for t in texts))


def letters() -> None:
    """Cut Figtree to the letters of the pages; its licence allows that under its own name."""
    for weight in ("Medium", "SemiBold"):
        source = ROOT / "assets" / "fonts" / f"Figtree-{weight}.ttf"
        target = ROOT / "headoffice" / "static" / "hymio" / f"Figtree-{weight}.woff2"
        options = [f"--unicodes={LETTERS}", "--layout-features=*", "--flavor=woff2"]
        command = ["pyftsubset", str(source), *options, f"--output-file={target}"]
        subprocess.run(command, check=True)


if __name__ == "__main__":
    letters() if "--letters" in sys.argv[1:] else bundle()
