"""The measure of deals runs from a folder of domains alone."""

import json
import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).parent.parent / "bench" / "deals.py"
ADDITIVE = "linear-additive"


def measured(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(SCRIPT), "--domains", str(folder), "--peer-steps", "--turns", "1", *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def a_domain(name: str, reservation: float) -> str:
    shares = {"Dues": {"low": 0.0, "middle": 0.25, "high": 0.5}, "Depth": {"3": 0.5, "4": 0.4, "5": 0.0}}
    other = {"Dues": {"low": 0.6, "middle": 0.5, "high": 0.0}, "Depth": {"3": 0.1, "4": 0.2, "5": 0.4}}
    return json.dumps(
        {
            "name": name,
            "issues": [
                {"name": "Dues", "type": "discrete", "values": ["low", "middle", "high"]},
                {"name": "Depth", "type": "integer", "min": 3, "max": 5},
            ],
            "profiles": [
                {"type": ADDITIVE, "parts": shares, "reservation": reservation},
                {"type": ADDITIVE, "parts": other, "reservation": 0.3},
            ],
        }
    )


def test_deals_are_measured_and_no_deal_is_made_where_none_exists(tmp_path: Path) -> None:
    domains = tmp_path / "domains"
    domains.mkdir()
    (domains / "harbour.json").write_text(a_domain("harbour", 0.2), "utf-8")
    (domains / "hopeless.json").write_text(a_domain("hopeless", 0.95), "utf-8")
    out = tmp_path / "out" / "deals.json"
    ran = measured(domains, "--out", str(out), "--sounded", "1")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    document = json.loads(out.read_text("utf-8"))
    full = document["means"]["full, two sides, up to 10,000 packages"]
    assert full["agreement_where_one_exists"] == full["individual_rationality"] == full["pareto"] == 1
    assert full["false_deals"] == 0
    agreed = {each["domain"]: each["agreed"] for each in document["rows"]}
    assert agreed == {"harbour": True, "hopeless": False}
    assert [each["same"] for each in document["sounded"]] == [True]


def test_a_folder_without_domains_ends_with_code_2_and_the_way_out(tmp_path: Path) -> None:
    ran = measured(tmp_path)
    assert ran.returncode == 2
    assert "DOMAINS=DIR" in ran.stderr
