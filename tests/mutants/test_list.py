"""The list of equivalent mutants, and how a mutant is found in it."""

from tests.mutants.run import PARTS, ROOT, TESTS, equivalents, what_changed

DIFF = """--- optimizer/plan/rules/limits.py
+++ optimizer/plan/rules/limits.py
@@ -1,3 +1,3 @@
 def _share(case):
-    if whole > 0:
+    if whole >= 0:
         return 1
"""


def test_a_mutant_is_known_by_its_function_and_its_lines_whatever_its_number():
    expected = ("optimizer.plan.rules.limits._share", "if whole > 0:", "if whole >= 0:")
    assert what_changed("optimizer.plan.rules.limits.x__share__mutmut_12", DIFF) == expected


def test_every_part_has_its_tests_and_every_listed_function_is_there():
    for part in PARTS:
        assert any(part.startswith(prefix) for prefix in TESTS)
        assert list(ROOT.glob(f"{part}*"))
    for tests in TESTS.values():
        assert all((ROOT / test).exists() for test in tests)
    for function, _, _ in equivalents():
        module, _, name = function.rpartition(".")
        name = name.rpartition("ǁ")[2]  # methods are called xǁClassǁmethod
        assert f"def {name}(" in (ROOT / f"{module.replace('.', '/')}.py").read_text(encoding="utf-8")
