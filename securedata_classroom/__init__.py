"""For lecturers: the grader, quizzes, and what a class knew before and after the course.

Only the command line imports it. pyproject.toml names this table, and so its commands join
`securedata`.
"""

COMMANDS = {
    "Classroom": {
        "grade": (
            "securedata_classroom.grade_command",
            "Run and judge the notebooks that a class has handed in.",
        ),
        "inventory": (
            "securedata_classroom.inventory_command",
            "Compare what a class answered to the inventory before and after the course.",
        ),
    }
}
