# One image for the API, the worker and the migrations.
FROM python:3.11-slim-bookworm

RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --create-home --home-dir /home/cashline cashline

WORKDIR /app
ENV PYTHONPATH=/app PYTHONUNBUFFERED=1 NEMO_GUARDRAILS_NO_USAGE_STATS=1 CASHLINE_HOME=/home/cashline/data

COPY requirements/app.txt requirements/app.txt
RUN pip install --no-cache-dir --no-deps --require-hashes -r requirements/app.txt

COPY ledger_core ledger_core
COPY tools tools
COPY agent agent
COPY api api
COPY prompts prompts

USER cashline
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s \
    CMD python -c "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=2)"
CMD ["uvicorn", "--factory", "api.main:app_from_environment", "--host", "0.0.0.0", "--port", "8000", "--no-proxy-headers"]
