"""The labs: lab.py reads them, student.py starts and leaves them, variant.py builds the kernel that
is graded, grading.py gives points."""
