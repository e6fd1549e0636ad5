# Greenroom as an image: `docker build -t greenroom .`, then see docs/operating.md.
# Without the local engine it is about 350 MB smaller: `--build-arg LOCAL_ENGINE=no`.

# The version of Python that the tests ran on, named by its content for every kind of processor;
# CONTRIBUTING.md says how to take a newer one.
FROM python:3.11.17-slim-bookworm@sha256:0a310eeecf4e1f5a0743f9a6520c90c88d089c903ca5fd283f501e3a805f5f89 AS build
ARG LOCAL_ENGINE=yes
WORKDIR /build
COPY requirements/bot.lock requirements/local.lock ./
# Wheels only: nothing is compiled, so no compiler is needed, and no package runs code of its own.
RUN python -m venv --without-pip /opt/venv \
    && case "$LOCAL_ENGINE" in yes) lock=local.lock ;; no) lock=bot.lock ;; \
       *) echo "LOCAL_ENGINE is yes or no" >&2; exit 1 ;; esac \
    && python -m pip --python /opt/venv/bin/python install --no-cache-dir --disable-pip-version-check \
       --only-binary=:all: --require-hashes -r "$lock"

FROM python:3.11.17-slim-bookworm@sha256:0a310eeecf4e1f5a0743f9a6520c90c88d089c903ca5fd283f501e3a805f5f89
LABEL org.opencontainers.image.title="Greenroom" \
      org.opencontainers.image.description="A self-hosted Discord bot for practising interview answers" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.licenses="MIT"
# A fixed number, so that a folder of the host can be given to it: chown 10001:10001.
# /recordings is for workers in other containers: a volume put there belongs to this user as well.
RUN python -m pip uninstall --yes --quiet --root-user-action=ignore pip setuptools wheel \
    && groupadd --gid 10001 greenroom \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /tmp --shell /usr/sbin/nologin greenroom \
    && install --directory --owner=greenroom --group=greenroom --mode=0700 /data /recordings
COPY --from=build /opt/venv /opt/venv
WORKDIR /app
COPY . .
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    DATA_DIR=/data \
    HTTP_HOST=0.0.0.0 \
    HTTP_PORT=8080
USER 10001:10001
VOLUME /data
EXPOSE 8080
STOPSIGNAL SIGTERM
# Inside the container; http.client, because urllib would ask a proxy that is set for the bot.
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import http.client, os, sys; c = http.client.HTTPConnection('127.0.0.1', int(os.environ['HTTP_PORT']), timeout=4); c.request('GET', '/healthz'); sys.exit(c.getresponse().status != 200)"]
ENTRYPOINT ["python", "bot.py"]
CMD ["run"]
