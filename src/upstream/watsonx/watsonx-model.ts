const DEPLOYMENT = 'deployment/';

/** Where a model is asked and what names it in the body. One that its owner deployed (`deployment/ID`) has an address of its own, and no name. */
export function watsonxModel(model: string): {
  readonly path: string;
  readonly named: { readonly model_id?: string };
  readonly isDeployment: boolean;
} {
  if (!model.startsWith(DEPLOYMENT)) return { path: '/ml/v1/text', named: { model_id: model }, isDeployment: false };
  const id = encodeURIComponent(model.slice(DEPLOYMENT.length));
  return { path: `/ml/v1/deployments/${id}/text`, named: {}, isDeployment: true };
}
