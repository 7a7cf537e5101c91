"""The help of `forcegen` as click lays it out for 80 columns; a test holds it against click."""

HELP = """\
Usage: forcegen [OPTIONS] COMMAND [ARGS]...

  Coalition force generation: who sends what, where and when, and what stays
  open.

  Start with `forcegen new DIR`, fill in the tables, then `forcegen check DIR`
  and `forcegen solve DIR`.

Options:
  --version   Show the version.
  -h, --help  Show this message and exit.

Commands:
  new           Write a commented instance to start from.
  check         List all findings; compare demand with supply.
  rules         List every rule in force, in words, with its id and source.
  solve         Find one plan, check it, and write it to a folder.
  verify        Check a plan independently of the solver.
  explain       Say why lines are open, or why there is no plan.
  concessions   Say which rules would have to bend, and what that would bring.
  prices        Say what each rule costs, alone and in pairs.
  scenarios     Compare all scenarios, and each one's plan in the others.
  hedge         Say what to make ready before it is known which scenario comes
                true.
  withdraw      Say what is lost when nations leave, and which would be the
                worst.
  sweep         Solve many variants of an instance; one table of all runs.
  frontier      Show what one aim gains where another gives way.
  alternatives  Find near-best plans in which others serve; what all share.
  robust        Say which sentences survive draws of uncertain inputs.
  compare       Set plans side by side: who moves, what opens and closes.
  report        Make a page, a workbook or markdown of a plan.
  board         A page of this machine on which rules are switches and the plan
                moves.
  convert       Turn a folder into a workbook, or back.
  schema        Explain the input tables.
  generate      Write a synthetic instance of any size.
  doctor        Look at versions, the solver and the disk.
  manual        Open the manual.
  completion    Print what completes commands in a shell.

  Exit codes: 0 done; 1 internal error; 2 wrong usage; 3 invalid input; 4
  infeasible; 5 stopped by a limit, with a plan; 6 stopped by a limit, without a
  plan; 130 interrupted.
"""
