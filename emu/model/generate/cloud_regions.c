/* SPDX-License-Identifier: MIT */
/*
 * Round trips between the regions of two public clouds, in microseconds, from Ether's repository
 * (github.com/edgerun/ether, MIT):
 * - AWS: averages of cloudping.co of 18 May 2020, inet/graphs/cloudping_2020_05_18.graphml;
 * - GCP: gcloudping.com of 2020, inet/gcloudping_latest.graphml, without asia-south1, which has no
 *   figures.
 *
 * Both are round trips between machines in the regions. Ether uses them as one-way latencies; we
 * use half of them. There are no measurements between the two providers.
 */
#include "emu/model/generate/cloud_regions.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define NS_PER_US 1000

static const struct sfe_region regions[] = {
	{"af-south-1", "Cape Town", "AWS"},
	{"eu-north-1", "Stockholm", "AWS"},
	{"ap-south-1", "Mumbai", "AWS"},
	{"eu-west-3", "Paris", "AWS"},
	{"eu-west-2", "London", "AWS"},
	{"eu-south-1", "Milan", "AWS"},
	{"eu-west-1", "Dublin", "AWS"},
	{"ap-northeast-2", "Seoul", "AWS"},
	{"me-south-1", "Bahrain", "AWS"},
	{"ap-northeast-1", "Tokyo", "AWS"},
	{"sa-east-1", "São Paulo", "AWS"},
	{"ca-central-1", "Montréal", "AWS"},
	{"ap-east-1", "Hong Kong", "AWS"},
	{"ap-southeast-1", "Singapore", "AWS"},
	{"ap-southeast-2", "Sydney", "AWS"},
	{"eu-central-1", "Frankfurt", "AWS"},
	{"us-east-1", "Virginia", "AWS"},
	{"us-east-2", "Ohio", "AWS"},
	{"us-west-1", "California", "AWS"},
	{"us-west-2", "Oregon", "AWS"},
	{"asia-east1", "Taiwan", "GCP"},
	{"asia-east2", "Hong Kong", "GCP"},
	{"asia-northeast1", "Tokyo", "GCP"},
	{"asia-northeast2", "Osaka", "GCP"},
	{"asia-southeast1", "Singapore", "GCP"},
	{"australia-southeast1", "Sydney", "GCP"},
	{"europe-north1", "Finland", "GCP"},
	{"europe-west1", "Belgium", "GCP"},
	{"europe-west2", "London", "GCP"},
	{"europe-west3", "Frankfurt", "GCP"},
	{"europe-west4", "Netherlands", "GCP"},
	{"europe-west6", "Zürich", "GCP"},
	{"northamerica-northeast1", "Montréal", "GCP"},
	{"southamerica-east1", "São Paulo", "GCP"},
	{"us-central1", "Iowa", "GCP"},
	{"us-east1", "South Carolina", "GCP"},
	{"us-east4", "Virginia", "GCP"},
	{"us-west1", "Oregon", "GCP"},
	{"us-west2", "Los Angeles", "GCP"},
};
#define N_AWS 20
#define N_GCP 19
_Static_assert(sizeof(regions) / sizeof(regions[0]) == N_AWS + N_GCP, "as many as there are names");

/* Each row is a region's round trips to the regions after it in the list. */
static const uint32_t aws_us[N_AWS * (N_AWS - 1) / 2] = {176770, 312400, 156320, 150230, 195310,
	164910, 442890, 303820, 401330, 354360, 237530, 388490, 378680, 446650, 193490, 228650,
	239390, 287340, 293360, 135170, 30800, 27180, 36950, 41640, 288840, 156200, 269170, 223190,
	116350, 236440, 199630, 299160, 23250, 109910, 122700, 168190, 168660, 106620, 112730,
	110080, 125460, 158100, 43710, 136270, 304620, 199250, 99190, 61540, 145370, 113380, 188340,
	200640, 237330, 225700, 9690, 22980, 21420, 274970, 133450, 246380, 200760, 96120, 203130,
	162470, 277290, 12430, 85240, 95020, 142930, 157980, 29740, 15840, 252890, 141980, 224500,
	196830, 89900, 209720, 168860, 273210, 15560, 81610, 90910, 140010, 143910, 42230, 285730,
	154690, 268510, 232230, 114270, 203860, 192810, 320680, 12410, 100710, 113190, 158860,
	179780, 248230, 145780, 218640, 184630, 78920, 262570, 180730, 259500, 25790, 75010, 99820,
	145110, 134080, 209150, 37510, 298540, 187770, 41870, 105510, 151000, 267800, 192890,
	192620, 140060, 129550, 186860, 332840, 213890, 129280, 103220, 181950, 124110, 199650,
	212800, 258450, 258780, 270460, 159680, 56480, 80050, 107520, 249050, 163020, 162210,
	113960, 103370, 126120, 323120, 339720, 311600, 207410, 121780, 132900, 192510, 183200,
	213100, 230120, 200240, 103850, 20230, 31000, 81330, 72300, 39100, 127980, 211950, 213130,
	206440, 154640, 145310, 92750, 177000, 240200, 234240, 183490, 170530, 285280, 204180,
	195590, 141030, 143230, 92330, 104590, 148820, 164340, 18330, 63700, 77260, 53620, 55530,
	23960};
static const uint32_t gcp_us[N_GCP * (N_GCP - 1) / 2] = {15555, 39045, 41269, 49223, 145365, 290010,
	259509, 248742, 260029, 262726, 267321, 183451, 289752, 154738, 186273, 179332, 120758,
	128262, 51024, 52659, 36270, 132234, 270884, 238643, 246473, 232783, 239837, 228092, 192079,
	302009, 163572, 197209, 194513, 132118, 139723, 10188, 82047, 115269, 252867, 222471,
	214727, 229017, 222869, 237618, 151385, 259452, 125177, 158438, 145502, 89835, 99699, 81247,
	122782, 265086, 229804, 227678, 233545, 234098, 242558, 157141, 267037, 131780, 165017,
	155861, 97562, 110078, 93355, 230003, 200944, 211718, 199124, 204467, 197052, 216967,
	336717, 199497, 233498, 224171, 164468, 162947, 302778, 268458, 263450, 274772, 272263,
	282332, 201179, 302461, 171646, 196881, 194806, 162552, 138798, 34402, 41455, 33513, 32365,
	50005, 115716, 242203, 137410, 126366, 116730, 171557, 166024, 8279, 9437, 8756, 21150,
	83853, 209397, 104220, 93247, 83845, 135305, 132943, 14010, 11419, 21718, 78367, 204261,
	95461, 88838, 78807, 129737, 126734, 9018, 9551, 88914, 215096, 106046, 99755, 88477,
	143790, 138448, 15209, 86308, 211923, 110057, 96350, 85501, 141552, 136055, 96240, 221504,
	113447, 107326, 97808, 147707, 143794, 142397, 29651, 28502, 16774, 62492, 63264, 141238,
	117614, 131071, 171764, 163763, 34501, 27083, 36795, 40540, 14217, 68501, 62857, 64129,
	58848, 26018};

const struct sfe_region *sfe_region(unsigned i)
{
	return i < N_AWS + N_GCP ? &regions[i] : NULL;
}

const struct sfe_region *sfe_region_find(const char *name)
{
	for (unsigned i = 0; i < N_AWS + N_GCP; i++)
		if (!strcmp(regions[i].name, name))
			return &regions[i];
	return NULL;
}

int sfe_region_latency(const char *a, const char *b, struct sfe_delay *out)
{
	const struct sfe_region *x = sfe_region_find(a), *y = sfe_region_find(b);

	if (!x || !y || x == y || strcmp(x->provider, y->provider))
		return -ENOENT;
	unsigned first = (unsigned)((x < y ? x : y) - regions);
	unsigned second = (unsigned)((x < y ? y : x) - regions), n = N_AWS;
	const uint32_t *us = aws_us;
	if (first >= N_AWS) {
		first -= N_AWS;
		second -= N_AWS;
		n = N_GCP;
		us = gcp_us;
	}
	/* The rows before that of first hold n - 1, n - 2, ... values. */
	unsigned at = first * (2 * n - first - 1) / 2 + second - first - 1;
	*out = (struct sfe_delay){
		.law = SFE_DELAY_CONSTANT,
		.a_ns = (uint64_t)us[at] * NS_PER_US / 2,
	};
	return 0;
}
