# The server in a container: an ordinary user, nothing to write but /data, R4's definitions already there.
#   docker build -t passerelle . && docker compose up
ARG PYTHON=3.12-slim-bookworm

FROM python:${PYTHON} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /build
COPY requirements.lock requirements-dev.lock ./
RUN python -m venv /opt/passerelle && /opt/passerelle/bin/pip install --require-hashes -r requirements.lock
RUN python -m venv /opt/build && /opt/build/bin/pip install --require-hashes -r requirements-dev.lock
COPY pyproject.toml README.md LICENSE NOTICE ./
COPY fhir_server fhir_server
COPY adapters adapters
COPY mappings mappings
COPY docs docs
RUN /opt/build/bin/python -m build --wheel --no-isolation --outdir /dist && /opt/passerelle/bin/pip install --no-deps /dist/*.whl
RUN HOME=/seed XDG_CACHE_HOME=/seed/.cache /opt/passerelle/bin/passerelle packages fetch

FROM python:${PYTHON}
RUN groupadd --system --gid 10001 passerelle \
 && useradd --system --uid 10001 --gid 10001 --home-dir /data --no-create-home --shell /usr/sbin/nologin passerelle \
 && install -d -o 10001 -g 10001 /data
COPY --from=build /opt/passerelle /opt/passerelle
COPY --from=build --chown=10001:10001 /seed /data
ENV PATH=/opt/passerelle/bin:$PATH HOME=/data XDG_CACHE_HOME=/data/.cache \
    PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    PASSERELLE_DATA=/data PASSERELLE_LOG_FORMAT=json
# A new named volume starts with what /data holds here; an empty folder mounted instead gets the definitions by the network.
VOLUME /data
USER 10001:10001
WORKDIR /data
EXPOSE 8080 2575
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=6s --start-period=30s --retries=3 CMD ["passerelle", "health"]
ENTRYPOINT ["passerelle"]
CMD ["serve"]
