"""Policy documents: read from files, embedded once, searched as of a date."""

import os

# Read by numpy when it is first imported. A query is too small to share over cores: with a second thread it
# took twice as long on a busy two-core machine. Whoever sets the variable decides.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
