FROM python:3.13-slim AS build
WORKDIR /src
RUN python -m venv /opt/watchpane
ENV PATH=/opt/watchpane/bin:$PATH PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
COPY requirements/build.txt requirements/run.txt requirements/
RUN pip install --require-hashes -r requirements/build.txt \
 && pip install --require-hashes -r requirements/run.txt
COPY . .
RUN pip install --no-deps --no-build-isolation .

FROM python:3.13-slim
RUN useradd --system --uid 10001 --no-create-home watchpane \
 && install -d -o watchpane -g watchpane -m 0700 /data
COPY --from=build /opt/watchpane /opt/watchpane
ENV PATH=/opt/watchpane/bin:$PATH PYTHONUNBUFFERED=1 \
    HOST=0.0.0.0 DATA_DIR=/data LOG_FORMAT=json
WORKDIR /data
USER watchpane
VOLUME /data
EXPOSE 8000
ENTRYPOINT ["im"]
CMD ["serve"]
