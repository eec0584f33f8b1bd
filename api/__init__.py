"""Entry points: HTTP, the worker, the pages."""

import os

# One thread per embedding, said before numpy is first imported: turns run side by side, and a second thread for a
# product this small costs more than it brings.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
