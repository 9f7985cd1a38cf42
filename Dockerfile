# The service in a container: docs/deploy.md, "In a container".
# A digest is one build of this image: CONTRIBUTING.md, "Dependencies".
FROM python:3.13-slim@sha256:7c61056e61ac89e852de05f3dc6fa51a6dd2181797bceed46aa725dd7cb2cd3b AS build
WORKDIR /kit
COPY constraints constraints
RUN pip install --no-cache-dir --require-hashes -r constraints/build.txt
RUN python -m venv /opt/securedata
RUN /opt/securedata/bin/pip install --no-cache-dir --require-hashes -r constraints/postgres.txt
COPY pyproject.toml README.md LICENSE* ./
COPY securedata securedata
COPY securedata_lab securedata_lab
COPY securedata_classroom securedata_classroom
RUN python -m hatchling build -t wheel
RUN /opt/securedata/bin/pip install --no-cache-dir --no-deps dist/*.whl

FROM python:3.13-slim@sha256:7c61056e61ac89e852de05f3dc6fa51a6dd2181797bceed46aa725dd7cb2cd3b
RUN useradd --uid 10001 --shell /usr/sbin/nologin securedata
RUN install -d -m 700 -o securedata -g securedata /var/lib/securedata
COPY --from=build /opt/securedata /opt/securedata
# By number: whoever forbids root must be able to tell that this is not root.
USER 10001
WORKDIR /var/lib/securedata
# Keys, records and certificates.
VOLUME /var/lib/securedata
ENV PATH=/opt/securedata/bin:$PATH
# Whoever reaches the container: the service refuses to start with this while there is no token.
ENV SECUREDATA_HOST=0.0.0.0
EXPOSE 5000
# Not /ready: an unhealthy container may be restarted, and a restart fixes no database.
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s \
    CMD ["python", "-c", "import requests; requests.get('https://localhost:5000/health', verify='certs/ca.pem', timeout=4).raise_for_status()"]
ENTRYPOINT ["securedata"]
CMD ["serve"]
