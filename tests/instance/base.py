"""A valid instance that uses every table, as text, and the ways to break it."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from optimizer.instance.files import read_instance
from optimizer.instance.findings import Finding, InvalidInstance

Files = dict[str, str]

HEADER = """\
schema = 1
name = "base"
title = "A base to break"

[periods]
count = 4
months = 6
first = "2026-01"

[[aims]]
name = "coverage"
priority = 1
scope = { mission = "guarding" }

[[aims]]
name = "burden_gap"
priority = 2

[[aims]]
name = "changes"
priority = 3
weights = { FRA = 2.0 }

[solver]
time_limit = 60
"""

TABLES = {
    "nations": """\
        nation,max_personnel,min_contingent,fair_share,gateway
        FRA,2000,40,3,home
        ITA,1000,,2,home
        POL,800,,1,home""",
    "unit_types": """\
        unit_type,domain,personnel,cost,tags
        battalion,land,600,24,heavy
        team,land,40,2,light
        medics,land,30,3,light""",
    "capabilities": """\
        capability,measure
        guard,sites
        train,trainees
        heal,beds""",
    "yields": """\
        unit_type,capability,amount
        battalion,guard,5
        team,train,300
        medics,heal,10""",
    "pledges": """\
        pledge,nation,unit_type,quantity,from,until,tour,dwell,rotation_factor,deployed_at_start,condition,tags
        FRA-bn,FRA,battalion,3,,,1,1,,1,,elite
        ITA-team,ITA,team,4,,,,,2,,,
        POL-bn,POL,battalion,2,1,4,,,,,truce,
        FRA-med,FRA,medics,6,,,,,,,,""",
    "agreed": """\
        pledge,requirement,from,until,units,kind,condition
        FRA-med,heal-west,2,3,1,at_least,truce
        FRA-med,heal-west,,1,0,,""",
    "missions": """\
        mission,weight,score,continuity
        guarding,2,mean,true
        training,1,weakest,true""",
    "areas": """\
        area,host,max_personnel,latitude
        west,UKR,3000,50
        east,UKR,,
        home,FRA,,""",
    "requirements": """\
        requirement,mission,area,capability,threshold,target,weight,from,until
        guard-west,guarding,west,guard,4,10,,,
        guard-east,guarding,east,guard,,5,,2,4
        train-west,training,west,train,100,900,,,
        heal-west,guarding,west,heal,,20,0,,
        heal-east,guarding,east,heal,,20,0,,
        heal-training,training,west,heal,,20,0,,""",
    "posts": """\
        mission,area,must,min_nations,max_nations,max_share,lead,lead_min_share,lead_term
        guarding,west,true,1,2,0.9,required,0.2,2
        training,west,,,,,,,""",
    "participation": """\
        nation,mission,area,cost,min_contingent,max_personnel,may_lead
        FRA,guarding,,1,,,true
        ITA,,west,,20,500,
        ,training,,,,,false""",
    "enablers": """\
        enabler,capability,per_personnel,scope,applies_to,hard
        care,heal,0.01,post,heavy,true""",
    "conditions": """\
        condition,description,default
        truce,The truce holds,true
        backing,A backstop is there,false""",
    "scenarios": """\
        scenario,probability,truce,backing
        calm,0.6,true,
        storm,0.4,false,true""",
    "scenario_conditions": """\
        scenario,condition,holds
        calm,backing,false""",
    "changes": """\
        scenario,table,key,column,value,factor
        storm,pledges,ITA-team,quantity,3,
        storm,requirements,guard-west,target,,1.5""",
    "caveats": """\
        caveat,nation,mission,area,unit_type,tag,capability,from,until,rule,condition,measure,maximum
        no Italians east,ITA,,east,,,,,,forbid,,,
        Poland with backing,POL,,east,,,,2,3,unless,backing,,
        few French,FRA,,west,battalion,elite,guard,,,limit,!truce,units,2""",
    "limits": """\
        limit,measure,per,minimum,maximum,nation,group,mission,area,host,unit_type,tag,domain,capability,from,until,condition
        cap,personnel,period,10,4000,!ITA,south,guarding;training,west,UKR,battalion;team,heavy,land,guard,1,4,truce
        score,fulfilment,,0.1,,,,,,UKR,,,,guard,,,backing
        share,cost_share,horizon,,0.9,FRA,,,,,,,,,,,
        fair,burden_gap,horizon,,3,,,,,,,,,,,,""",
    "links": """\
        link,kind,nation,other,count,mission,area,condition
        together,needs,POL,FRA,,,,
        apart,excludes,ITA,POL,,training,,
        enough,at_least,POL,south,1,,west,truce""",
    "groups": """\
        group,nation
        south,FRA
        south,ITA""",
    "instruments": """\
        instrument,cost,condition,sponsors
        guarantee,10,backing,FRA;ITA""",
    "instrument_yields": """\
        instrument,mission,area,capability,amount
        guarantee,guarding,,guard,1""",
    "funding": """\
        fund,payer,nation,mission,area,unit_type,tag,from,until,share,maximum,condition
        partner,FRA,!FRA,training,west,team,light,1,3,0.5,5,truce
        trust,trust fund,,guarding,,,,,,0.25,,""",
    "routes": """\
        origin,destination,mode,capacity,cost,from,until,condition
        home,west,rail,5000,0.001,,,
        west,east,road,2000,0.001,1,3,truce""",
    "deployment_costs": """\
        pledge,unit_type,mission,area,cost,movement_cost
        ,battalion,,east,30,1
        FRA-bn,,guarding,,25,""",
    "concessions": """\
        concession,rule,change,weight,most,never,asked
        more French,nations/FRA.max_personnel,500,2,3,,ITA
        no limit,limits/*,lift,,,true,""",
}


def base_files() -> Files:
    """The files of the base, by name."""
    files = {
        f"{name}.csv": "\n".join(line.strip() for line in text.splitlines()) + "\n" for name, text in TABLES.items()
    }
    return {"instance.toml": HEADER, **files}


def write(files: Files, folder: Path) -> Path:
    """The files in a new folder."""
    folder.mkdir(parents=True)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def table_rows(files: Files, table: str) -> list[list[str]]:
    """Heading and rows of a table."""
    return list(csv.reader(io.StringIO(files[f"{table}.csv"])))


def put_rows(files: Files, table: str, rows: list[list[str]]) -> None:
    """Replace heading and rows of a table."""
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n").writerows(rows)
    files[f"{table}.csv"] = stream.getvalue()


def put(files: Files, table: str, row: int, /, **cells: object) -> None:
    """Set cells of a row (numbered as in a spreadsheet), adding columns where needed."""
    rows = table_rows(files, table)
    for column, value in cells.items():
        name = column.rstrip("_")
        if name not in rows[0]:
            rows = [[*line, name if number == 0 else ""] for number, line in enumerate(rows)]
        rows[row - 1][rows[0].index(name)] = str(value)
    put_rows(files, table, rows)


def add(files: Files, table: str, /, **cells: object) -> int:
    """Add a row; gives its number."""
    rows = table_rows(files, table)
    rows.append([""] * len(rows[0]))
    put_rows(files, table, rows)
    put(files, table, len(rows), **cells)
    return len(rows)


def findings_of(folder: Path) -> tuple[Finding, ...]:
    """What reading a folder or workbook finds that is an error (nothing: it is valid)."""
    try:
        read_instance(folder)
    except InvalidInstance as error:
        return error.findings
    return ()
