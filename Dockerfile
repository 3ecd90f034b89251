# Chaffer as a container; docs/deployment.md says how to run it.
FROM python:3.13-slim AS build
WORKDIR /source
# Everything comes as a wheel: nothing is compiled, and a change of the program alone fetches nothing.
COPY requirements/deploy.txt requirements/
RUN python3 -m venv /opt/chaffer
RUN /opt/chaffer/bin/pip install --no-cache-dir --only-binary :all: --require-hashes -r requirements/deploy.txt
COPY LICENSE README.md pyproject.toml ./
COPY scenarios scenarios
COPY src src
RUN /opt/chaffer/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

FROM python:3.13-slim
# By number, so that it stays the owner of the volumes whatever users an image has.
RUN useradd --uid 10001 --user-group --no-create-home --home-dir /srv/chaffer --shell /usr/sbin/nologin chaffer \
    && install --directory --owner chaffer --group chaffer --mode 0750 /srv/chaffer/data /srv/chaffer/logs
COPY --from=build /opt/chaffer /opt/chaffer
# Docker keeps what is written to standard error: a file beside it would say the same.
ENV PATH=/opt/chaffer/bin:$PATH HOST=0.0.0.0 PORT=8000 LOG_FILE=off
WORKDIR /srv/chaffer
USER 10001
VOLUME ["/srv/chaffer/data", "/srv/chaffer/logs"]
EXPOSE 8000
# Any answer will do: where ALLOWED_HOSTS is set, the server refuses to be called by its address.
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s CMD ["python3", "-c", "import http.client, os; \
c = http.client.HTTPConnection('127.0.0.1', int(os.environ['PORT']), timeout=4); c.request('GET', '/health'); c.getresponse()"]
ENTRYPOINT ["chaffer"]
CMD ["serve"]
