/* SPDX-License-Identifier: MIT */
/* The CSV files of a results folder. Times are seconds from the start of the strategy's replay. */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "emu/run/fidelity.h"
#include "emu/run/results.h"
#include "emu/run/summary.h"

static double since(const struct sfe_replay *r, uint64_t ns)
{
	return (double)(int64_t)(ns - r->start_ns) / 1e9;
}

static double seconds(uint64_t ns)
{
	return (double)ns / 1e9;
}

static void write_jobs(
	FILE *f, const struct sfe_experiment *e, const struct sfe_replay *r, bool first)
{
	if (first)
		fprintf(f, "strategy,job,client,steps,status,reason,arrival_s,start_s,response_s,"
			   "processing_s,net_delay_s,"
			   "payload_bytes,payload_bytes_hops,state_bytes,digest\n");
	for (uint32_t j = 0; j < r->n_jobs; j++) {
		const struct sfe_job_result *job = &r->jobs[j];
		const struct sfe_job *spec = e->jobs[j].job;
		bool done = job->ended && !job->status;
		uint64_t response = job->end_ns - job->start_ns;
		fprintf(f, "%s,%u,%s,%u,%s,\"%s\",", r->strategy->name, spec->number,
			e->topology->nodes[e->jobs[j].client].name, spec->n_steps,
			done         ? "done"
			: job->ended ? "failed"
				     : "unfinished",
			job->reason);
		fprintf(f, "%.9f,", seconds(e->arrival_ns[j]));
		if (done)
			fprintf(f, "%.9f,%.9f,%.9f,%.9f,", since(r, job->start_ns),
				seconds(response), seconds(job->processing_ns),
				(double)(int64_t)(response - job->processing_ns) / 1e9);
		else
			fprintf(f, ",,,,");
		fprintf(f, "%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%016" PRIx64 "\n",
			job->payload_bytes, job->payload_bytes_hops, spec->states_total_bytes,
			job->digest);
	}
}

static int by_job_and_step(const void *a, const void *b)
{
	const struct sfe_ctl_invocation *x = a, *y = b;

	if (x->job != y->job)
		return x->job < y->job ? -1 : 1;
	if (x->step != y->step)
		return x->step < y->step ? -1 : 1;
	return x->request_ns < y->request_ns ? -1 : x->request_ns > y->request_ns;
}

static void write_invocations(
	FILE *f, const struct sfe_experiment *e, const struct sfe_replay *r, bool first)
{
	if (first)
		fprintf(f, "strategy,job,step,task,function,node,request_s,ready_s,finish_s,"
			   "processing_s,operations,"
			   "argument_bytes,output_bytes,used_state_bytes\n");
	qsort(r->invocations, r->n_invocations, sizeof(*r->invocations), by_job_and_step);
	for (uint32_t i = 0; i < r->n_invocations; i++) {
		const struct sfe_ctl_invocation *v = &r->invocations[i];
		const struct sfe_job *spec = e->jobs[v->job].job;
		const struct sfe_step *step = &spec->steps[v->step < spec->n_steps ? v->step : 0];
		fprintf(f,
			"%s,%u,%u,%u,%s,%s,%.9f,%.9f,%.9f,%.9f,%" PRIu64 ",%" PRIu64 ",%" PRIu64
			",%" PRIu64 "\n",
			r->strategy->name, spec->number, v->step, step->task,
			e->workload->function_names[step->function],
			e->topology->nodes[v->header.node].name, since(r, v->request_ns),
			since(r, v->ready_ns), since(r, v->finish_ns),
			seconds(v->finish_ns - v->ready_ns), v->ops, v->arg_bytes, v->out_bytes,
			v->state_bytes);
	}
}

static void write_links(
	FILE *f, const struct sfe_experiment *e, const struct sfe_replay *r, bool first)
{
	if (first)
		fprintf(f,
			"strategy,link,kind,from,to,rate_bps,delay_s,wire_bytes,packets,drops\n");
	for (uint32_t i = 0; i < r->n_links; i++) {
		const struct sfe_link_count *c = &r->links[i];
		const struct sfe_link *l = &e->topology->links[c->link];
		fprintf(f, "%s,%s,%s,%s,%s,%" PRIu64 ",%.9f,%" PRIu64 ",%" PRIu64 ",%" PRIu64 "\n",
			r->strategy->name, l->name, sfe_link_kind_name(l->kind),
			c->to == SFE_NONE ? "" : e->plan->hosts[c->from].name,
			c->to == SFE_NONE ? "" : e->plan->hosts[c->to].name,
			e->link[c->link].rate_bps, seconds(e->link[c->link].delay_ns),
			c->wire_bytes, c->packets, c->drops);
	}
}

static void write_summary(
	FILE *f, const struct sfe_experiment *e, const struct sfe_replay *r, bool first)
{
	struct sfe_summary s;

	if (first)
		fputs(SFE_SUMMARY_HEADER "\n", f);
	if (!sfe_summary_of(e, r, &s))
		sfe_summary_write(&s, f);
}

int sfe_results_write_replay(int dir, const struct sfe_experiment *e, const struct sfe_replay *r,
	bool first, struct sfe_error *err)
{
	static const struct {
		const char *name;
		void (*write)(
			FILE *, const struct sfe_experiment *, const struct sfe_replay *, bool);
	} files[] = {
		{"jobs.csv", write_jobs},
		{"invocations.csv", write_invocations},
		{"links.csv", write_links},
		{"summary.csv", write_summary},
	};

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		FILE *f = sfe_results_open(dir, files[i].name, first ? "w" : "a", err);
		if (!f)
			return err ? err->code : -EIO;
		files[i].write(f, e, r, first);
		int bad = sfe_results_close(f, files[i].name, err);
		if (bad)
			return bad;
	}
	return 0;
}
